// A page comes back by itself, from whatever a browser, a device or a network has done to it; and it goes only when asked.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { audiblePeople, chooseRoom, installDevices, people, startChromium, takeSeat } from "./lib/browser.mjs";
import { Proxy } from "./lib/proxy.mjs";
import { chooseLanguage } from "./lib/room-page.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

let server, browser, chair;
const pages = [];

const words = (page) => page.getByTestId("connection").innerText();
const connected = (page) => until("the page is connected", async () => (await words(page)) === "Connected");
const floor = () => server.get("/rooms/climate/floor", chair);
const stateOf = async (person) =>
  (await server.get("/rooms/climate", chair)).participants.find((each) => each.person === person)?.state;

async function seat(person, probe) {
  const page = await takeSeat(browser, server, person, probe);
  pages.push(page);
  await connected(page);
  return page;
}

async function grant(person) {
  const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token(person));
  await server.post(`/rooms/climate/floor/requests/${id}/grant`, {}, chair);
}

before(async () => {
  server = await Server.start();
  browser = await startChromium();
  chair = await server.token("moderator-1");
});

after(async () => {
  await browser?.close();
  await server?.close();
});

afterEach(async () => {
  for (const { id } of (await floor()).granted)
    await server.post(`/rooms/climate/floor/requests/${id}/revoke`, {}, chair);
  for (const page of pages.splice(0)) {
    assert.deepEqual(page.problems, []);
    await page.close();
  }
});

test("a device whose clock is a year ahead shows the server's time, and keeps its seat", async () => {
  const page = await seat("tokyo-1", () => {
    const Native = Date;
    const year = 365 * 24 * 3_600_000;
    window.Date = class extends Native {
      constructor(...args) {
        super(...(args.length === 0 ? [Native.now() + year] : args));
      }
      static now() {
        return Native.now() + year;
      }
    };
  });
  await grant("tokyo-1");
  await until("the clock counts down from eight minutes", async () =>
    /7:5\d/.test(await page.getByTestId("clock").innerText()),
  );
});

test("sixteen minutes offline, with a token that has run out, and the page comes back by itself", async () => {
  const page = await browser.context.newPage();
  pages.push(Object.assign(page, { problems: [] }));
  page.on("pageerror", (error) => page.problems.push(String(error)));
  await page.clock.install();
  await page.addInitScript(installDevices, people["seoul-1"]);
  // The token of before runs out: the server takes only one that was redeemed later.
  let expired = null;
  await page.routeWebSocket("**/api/v1/ws", (socket) => {
    const behind = socket.connectToServer();
    socket.onMessage((text) => {
      const message = JSON.parse(text);
      if (message.type === "hello" && message.token === expired) message.token = "expired";
      if (message.type === "hello") page.lastToken = message.token;
      behind.send(JSON.stringify(message));
    });
  });
  await page.goto(await server.link("seoul-1"));
  await chooseRoom(page);
  await connected(page);
  expired = page.lastToken;

  await browser.context.setOffline(true);
  await until("the page says that it reconnects", async () => /Reconnecting/.test(await words(page)));
  await page.clock.fastForward("16:00");
  await until("Seoul is missed", async () => (await stateOf("seoul-1")) !== "seated");
  await browser.context.setOffline(false);
  await connected(page);
  assert.equal(await stateOf("seoul-1"), "seated");
  assert.ok(!["expired", expired].includes(page.lastToken), "the old token was replaced");
});

test("a page that is kept in memory and restored is alive again", async () => {
  const page = await seat("tokyo-1");
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  await until("Tokyo is away", async () => (await stateOf("tokyo-1")) === "away");
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await connected(page);
  await until("Tokyo is seated", async () => (await stateOf("tokyo-1")) === "seated");
});

test("a link that is opened while the server is away opens by itself once the server is there", async () => {
  const link = await server.link("delhi-1");
  const page = await browser.context.newPage();
  pages.push(Object.assign(page, { problems: [] }));
  await page.route("**/api/v1/**", (route) => route.abort());
  await page.goto(link);
  await page.getByRole("heading", { name: "The conference cannot be reached" }).waitFor();
  await page.unroute("**/api/v1/**");
  await page.getByTestId("seat").waitFor();
});

test("another link in the same tab ends the first seat and opens the other", async () => {
  const page = await seat("tokyo-1");
  const { hash } = new URL(await server.link("seoul-1"));
  await page.evaluate((other) => (location.hash = other), hash);
  await page.getByRole("heading", { name: "Welcome, Seoul delegate" }).waitFor();
  await until("Tokyo is away", async () => (await stateOf("tokyo-1")) === "away");
  assert.equal(await page.evaluate(() => location.hash), "", "the secret is out of the address");
  await chooseRoom(page);
  await connected(page);
  assert.equal(await stateOf("tokyo-1"), "away");
  assert.equal(await stateOf("seoul-1"), "seated");
});

test("a seat that waits until the browser is allowed the devices is not taken in the name of another link", async () => {
  const page = await browser.context.newPage();
  pages.push(Object.assign(page, { problems: [] }));
  await page.addInitScript(installDevices, people["tokyo-1"]);
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const get = mediaDevices.getUserMedia;
    const asked = new Promise((allow) => (window.__allow = allow));
    const getUserMedia = (wanted) => {
      window.__asked = true;
      return asked.then(() => get(wanted));
    };
    Object.defineProperty(mediaDevices, "getUserMedia", { value: getUserMedia, configurable: true });
  });
  await page.goto(await server.link("tokyo-1"));
  await page.getByTestId("room-climate").click();
  await page.getByTestId("take-seat").click();
  await until("the browser asks", () => page.evaluate(() => window.__asked));
  const { hash } = new URL(await server.link("delhi-1"));
  await page.evaluate((other) => (location.hash = other), hash);
  await page.getByRole("heading", { name: "Welcome, Delhi delegate" }).waitFor();
  await page.evaluate(() => window.__allow());
  await page.evaluate(() => new Promise((done) => setTimeout(done, 500)));
  assert.equal(await page.getByTestId("seat").isVisible(), true);
  assert.equal(await stateOf("delhi-1"), undefined, "nobody has taken that seat");
});

test("where the browser blocks storage the page works without keeping anything", async () => {
  const page = await seat("tokyo-1", () => {
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, {
        get: () => {
          throw new DOMException("blocked", "SecurityError");
        },
      });
    }
  });
  await chooseLanguage(page, "zh-Hant-TW");
  await page.getByText("舉手發言").or(page.getByText("請求發言")).or(page.getByTestId("main-button")).first().waitFor();
  await page.waitForFunction(() => document.documentElement.lang === "zh-Hant-TW");
});

test("Back in the room asks before it leaves", async () => {
  const page = await seat("tokyo-1");
  const question = page.getByTestId("leave-question");
  await page.goBack();
  await question.waitFor();
  assert.equal(await words(page), "Connected");
  await page.getByRole("button", { name: "Stay in the room" }).click();
  await question.waitFor({ state: "detached" });
  assert.equal(await stateOf("tokyo-1"), "seated");
  await page.goBack();
  await question.getByRole("button", { name: "Leave the room" }).click();
  await page.getByTestId("seat").waitFor();
  await until("Tokyo is away", async () => (await stateOf("tokyo-1")) === "away");
});

test("a microphone that is unplugged is replaced at once, or said to be lost and used again when it is back", async () => {
  const listener = await seat("seoul-1");
  const page = await seat("tokyo-1");
  await grant("tokyo-1");
  const heard = () => until("Seoul hears Tokyo", async () => (await audiblePeople(listener)).includes("tokyo-1"));
  await heard();
  const unplug = () =>
    page.evaluate(() => {
      const sender = window.__peers
        .at(-1)
        .getSenders()
        .find(({ track }) => track?.kind === "audio");
      const { track } = sender;
      track.stop();
      track.dispatchEvent(new Event("ended"));
    });
  await unplug();
  await page
    .getByText(/You are now heard through/)
    .first()
    .waitFor();
  await heard();

  await page.evaluate(() => {
    window.__plugged = navigator.mediaDevices.getUserMedia;
    Object.defineProperty(navigator.mediaDevices, "getUserMedia", {
      value: () => Promise.reject(new DOMException("gone", "NotFoundError")),
      configurable: true,
    });
  });
  await unplug();
  await page
    .getByText(/nobody hears you/)
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Microphone: Your microphone is gone" }).waitFor();
  await page.evaluate(() => {
    Object.defineProperty(navigator.mediaDevices, "getUserMedia", { value: window.__plugged, configurable: true });
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  });
  await page.getByRole("button", { name: /^Microphone: (Your microphone is on|You are live)/ }).waitFor();
  await heard();
});

test("the operator's page says that all is well only of what was measured, and says when the figures have stopped", async (t) => {
  // A room in which nobody was before: whoever is missed is a problem.
  const fresh = await Server.start();
  t.after(() => fresh.close());
  const seated = await takeSeat(browser, fresh, "tokyo-1");
  const page = await browser.context.newPage();
  await page.goto(await fresh.link("operator-1"));
  const said = (what) =>
    until(`the page says ${what}`, async () => what.test(await page.getByTestId("health-summary").innerText()));
  await said(/All is well\. Seats measured: 1/);
  await page.route("**/api/v1/health", (route) => route.abort());
  await said(/The figures have stopped/);
  await page.unroute("**/api/v1/health");
  await said(/All is well/);
  await seated.close();
  await said(/Problems: 1/);
  await page.close();
});

test("who turned the microphone off stays unheard after a reload", async () => {
  const page = await seat("tokyo-1");
  await page.getByRole("button", { name: /^Microphone: (Your microphone is on|You are live)/ }).click();
  await page.reload();
  await connected(page);
  await page.getByRole("button", { name: "Microphone: Your microphone is off" }).waitFor();
  const live = await page.evaluate(() =>
    window.__peers
      .at(-1)
      .getSenders()
      .some(({ track }) => track?.kind === "audio" && track.enabled),
  );
  assert.equal(live, false);
});

test("after an upgrade an old page loads the new one where nothing is lost, and asks who has the floor", async () => {
  // The server's page has another script than this one.
  const upgrade = (page) =>
    page.route(`${server.url}/`, async (route) => {
      if (route.request().resourceType() === "document") return route.fallback();
      const answer = await route.fetch();
      return route.fulfill({
        response: answer,
        body: (await answer.text()).replace(/assets\/index-[^"]+\.js/, "assets/index-newer.js"),
      });
    });
  const look = (page) => page.evaluate(() => document.dispatchEvent(new Event("resume")));

  const speaker = await seat("tokyo-1");
  await grant("tokyo-1");
  await until("Tokyo has the floor", async () =>
    /You have the floor/.test(await speaker.getByTestId("main-button").innerText()),
  );
  await upgrade(speaker);
  await look(speaker);
  await speaker.getByTestId("upgrade").waitFor();
  assert.equal(await stateOf("tokyo-1"), "seated");
  await Promise.all([speaker.waitForEvent("load"), speaker.getByRole("button", { name: "Load the new page" }).click()]);
  await connected(speaker);

  const listener = await seat("seoul-1");
  await upgrade(listener);
  await Promise.all([listener.waitForEvent("load"), look(listener)]);
  await connected(listener);
  // A cache on the way that keeps giving the old page makes no loop of it.
  await look(listener);
  assert.equal(await words(listener), "Connected");
});

for (const passesPath of [false, true]) {
  test(`below a path of a proxy that ${passesPath ? "passes the path on" : "cuts the path off"}, everything works`, async () => {
    const proxy = await Proxy.start("/plenary", { passesPath });
    const behind = await Server.start({ publicUrl: `${proxy.url}/` });
    try {
      proxy.target = Number(behind.ready.http.split(":").at(-1));
      const { url } = (await behind.invitations())["tokyo-1"];
      assert.ok(url.startsWith(`${proxy.url}/#i=`), url);
      const page = await browser.context.newPage();
      const missing = [];
      page.on("response", (response) => response.status() >= 400 && missing.push(response.url()));
      await page.addInitScript(installDevices, people["tokyo-1"]);
      await page.goto(url);
      await chooseRoom(page);
      await connected(page);
      await chooseLanguage(page, "zh-Hant-TW");
      assert.ok(
        await page.evaluate(() => [...document.images].every((image) => image.complete && image.naturalWidth > 0)),
        "pictures are found",
      );
      await page.reload();
      await until(
        "the page is in its room again",
        async () =>
          (await behind.get("/rooms/climate", await behind.token("moderator-1"))).participants[0]?.state === "seated",
      );
      assert.deepEqual(missing, []);
      await page.close();
    } finally {
      await behind.close();
      await proxy.close();
    }
  });
}
