// The room as an app that fills the window: it never scrolls, nothing covers the picture, the main button never moves, and
// the stage says who is heard, with a picture or without one.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { installDevices, colourOf, isColourOf, people, startChromium, takeSeat } from "./lib/browser.mjs";
import { Participant } from "./lib/participant.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const sizes = {
  "the smallest phone": [320, 640],
  "a phone": [390, 844],
  "a phone held sideways": [844, 390],
  "a tablet": [820, 1180],
  "a small laptop": [1024, 768],
  "a laptop": [1440, 900],
  "4K": [3840, 2160],
};

let server, browser, seoul, moderator, tokyo, delhi, taipei, chair;

const say = (path, body = {}) => server.post(`/rooms/climate/${path}`, body, chair);
const ask = async (person, fields = {}) =>
  server.post("/rooms/climate/floor/requests", fields, await server.token(person));
const accept = async (person) => {
  const { id } = await ask(person);
  await say(`floor/requests/${id}/accept`);
  return id;
};
const mainSays = (page, words) =>
  until(`the main button says ${words}`, async () => words.test(await page.getByTestId("main-button").innerText()));

/** Runs in the page first: counts the locks of the screen. */
function countWakeLocks() {
  window.__screenLocks = 0;
  Object.defineProperty(navigator, "wakeLock", {
    value: {
      request: async () => {
        window.__screenLocks += 1;
        return { release: async () => void (window.__screenLocks -= 1) };
      },
    },
  });
}

async function resize(page, [width, height]) {
  await page.setViewportSize({ width, height });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

const rectangleOf = (page, selector) =>
  page
    .locator(selector)
    .first()
    .evaluate((each) => {
      const { x, y, width, height } = each.getBoundingClientRect();
      return [x, y, width, height].map(Math.round).join(" ");
    });

before(async () => {
  server = await Server.start({ conference: conferenceFile({ floor: 'reconnect_grace = "10m"' }) });
  browser = await startChromium();
  chair = await server.token("moderator-1");
  seoul = await takeSeat(browser, server, "seoul-1", countWakeLocks);
  moderator = await takeSeat(browser, server, "moderator-1");
  tokyo = await takeSeat(browser, server, "tokyo-1");
});

after(async () => {
  delhi?.close();
  taipei?.close();
  await browser?.close();
  await server?.close();
});

test("while nobody holds the floor the chair is on stage, in office and not as a speaker", async () => {
  await until("the chair's picture is on stage", async () =>
    isColourOf(await colourOf(seoul, "stage-chair"), "moderator-1"),
  );
  assert.match(await seoul.getByTestId("caption").innerText(), /^Moderator\s+(Speaking\s+)?In the chair$/);
  assert.equal(await seoul.getByTestId("clock").count(), 0);
});

test("the main button of a delegate keeps its rectangle through every state of the room, on phone, tablet and laptop", async () => {
  [delhi, taipei] = await Promise.all(["delhi-1", "taipei-1"].map((person) => Participant.join(server, person)));
  const before = {};
  const same = async (state) => {
    for (const window of ["a phone", "a phone held sideways", "a tablet", "a laptop"]) {
      await resize(seoul, sizes[window]);
      const at = await rectangleOf(seoul, '[data-testid="main-button"]');
      assert.equal(at, (before[window] ??= at), `${state}, on ${window}`);
    }
  };
  await seoul.bringToFront();
  await same("free to ask");
  await seoul.getByTestId("main-button").click();
  await mainSays(seoul, /^Withdraw$/);
  await same("asked");
  await accept("taipei-1");
  const { requests } = await server.get("/rooms/climate/floor", chair);
  const mine = requests.find(({ beneficiary }) => beneficiary === "seoul-1").id;
  await say(`floor/requests/${mine}/accept`);
  await mainSays(seoul, /2nd/);
  await same("in the list");
  await say("floor/next");
  await seoul.getByTestId("on-deck").waitFor();
  await same("on deck");
  const point = await delhi.requestFloor({ kind: "point_of_order" });
  await seoul.getByTestId("point-of-order").waitFor();
  await same("a point of order");
  await say(`floor/requests/${point.id}/deny`);
  await say("floor/next");
  await mainSays(seoul, /You have the floor/);
  await same("speaking");
  await say("participants/seoul-1/mute", { on: true });
  await seoul.getByRole("button", { name: "Muted by the chair" }).waitFor();
  await same("muted by the chair");
  await say("participants/seoul-1/mute", { on: false });
  await say(`floor/requests/${mine}/suspend`);
  await mainSays(seoul, /Paused/);
  await same("paused");
  await say(`floor/requests/${mine}/resume`);
  const { id: vote } = await say("decisions", {
    kind: "roll_call",
    question: "Adopt the joint statement on early warning, as circulated this morning?",
  });
  await seoul.getByTestId("open-decision").waitFor();
  await same("a vote");
  await say(`decisions/${vote}/close`);
  await say(`floor/requests/${mine}/revoke`, { reason: "Time." });
  await mainSays(seoul, /Ask for the floor/);
  await say("floor/list/close");
  await mainSays(seoul, /closed/);
  await same("the list is closed");
  await say("floor/list/reopen");
  await browser.context.setOffline(true);
  await seoul.evaluate(() => dispatchEvent(new Event("offline")));
  await mainSays(seoul, /Reconnecting/);
  await same("reconnecting");
  await browser.context.setOffline(false);
  await mainSays(seoul, /Ask for the floor/);
  await same("connected again");
});

test("Next keeps its rectangle while the order changes, whomever it names", async () => {
  await moderator.bringToFront();
  await resize(moderator, sizes["a laptop"]);
  const at = () => rectangleOf(moderator, '[data-testid="next-button"]');
  const before = await at();
  const id = await accept("delhi-1");
  await until("Next names Delhi", async () => /Delhi/.test(await moderator.getByTestId("next-button").innerText()));
  assert.equal(await at(), before);
  delhi.close();
  await accept("tokyo-1");
  await until("Next says whom it passes over", async () =>
    /will be passed over/.test(await moderator.locator("#main-action").innerText()),
  );
  assert.equal(await at(), before);
  delhi = await Participant.join(server, "delhi-1");
  await say(`floor/requests/${id}/deny`);
  await say("floor/next");
  await moderator.getByTestId("holder").waitFor();
  assert.equal(await at(), before);
});

test("the page never scrolls, the picture is whole, and nothing lies over it, in every window", async () => {
  await until("Tokyo on stage", async () => isColourOf(await colourOf(seoul, "stage-video"), "tokyo-1"));
  for (const page of [seoul, moderator]) {
    await page.bringToFront();
    for (const [window, size] of Object.entries(sizes)) {
      await resize(page, size);
      const faults = await page.evaluate(() => {
        const found = [];
        const { scrollWidth, scrollHeight } = document.documentElement;
        if (scrollWidth > innerWidth || scrollHeight > innerHeight)
          found.push(`scrolls: ${scrollWidth} × ${scrollHeight}`);
        const video = document.querySelector('[data-testid="stage-video"]');
        if (getComputedStyle(video).objectFit !== "contain") found.push("is cropped");
        const { left, top, width, height } = video.getBoundingClientRect();
        if (width < 120 || height < 90) found.push(`is too small: ${width} × ${height}`);
        for (let across = 1; across < 10; across++)
          for (let down = 1; down < 10; down++) {
            const at = document.elementFromPoint(left + (width * across) / 10, top + (height * down) / 10);
            if (at !== video) found.push(`is covered by ${at?.className}`);
          }
        for (const control of document.querySelectorAll(".topbar *, .dock button")) {
          const { right, bottom } = control.getBoundingClientRect();
          if (right > innerWidth + 1 || bottom > innerHeight + 1)
            found.push(`out of the window: ${control.textContent}`);
        }
        return [...new Set(found)];
      });
      assert.deepEqual(faults, [], window);
    }
  }
});

test("in a small window the panels cover the stage when asked for, and Escape gives the focus back", async () => {
  await seoul.bringToFront();
  await resize(seoul, sizes["a phone"]);
  const side = seoul.locator("#side");
  assert.equal(await side.isVisible(), false);
  await seoul.getByTestId("dock-order").click();
  await side.waitFor();
  assert.equal(await seoul.getByTestId("dock-order").getAttribute("aria-expanded"), "true");
  await seoul.locator("#tab-order").focus();
  await seoul.keyboard.press("Escape");
  await side.waitFor({ state: "hidden" });
  assert.equal(await seoul.evaluate(() => document.activeElement.dataset.testid), "dock-order");
});

test("one menu of the dock is open at a time, Escape closes it, and the focus returns to its button", async () => {
  await resize(seoul, sizes["a laptop"]);
  const open = () =>
    seoul.evaluate(() => [...document.querySelectorAll(".menu:popover-open")].map(({ id }) => id).join());
  await seoul.getByTestId("dock-sound").click();
  await until("sound is open", async () => (await open()) === "sound");
  await seoul.getByTestId("dock-help").click();
  await until("help is open in its place", async () => (await open()) === "help");
  await seoul.keyboard.press("Escape");
  await until("none is open", async () => (await open()) === "");
  assert.equal(await seoul.evaluate(() => document.activeElement.dataset.testid), "dock-help");
});

test("a speaker without a picture has a name plate, and chair priority puts the chair on stage", async () => {
  const id = await accept("delhi-1");
  await say("floor/next");
  const plate = seoul.getByTestId("name-plate");
  await until("Delhi's name plate", async () => /Delhi delegate\s+Delhi/.test(await plate.innerText().catch(() => "")));
  await moderator.bringToFront();
  await moderator.getByTestId("priority").hover();
  await moderator.mouse.down();
  await until("the chair is on stage by priority", async () =>
    /^Moderator\s+(Speaking\s+)?In the chair · Chair priority/.test(await seoul.getByTestId("caption").innerText()),
  );
  await until("with the chair's picture", async () => isColourOf(await colourOf(seoul, "stage-chair"), "moderator-1"));
  await moderator.mouse.up();
  await until("Delhi is back", async () => /^Delhi delegate/.test(await seoul.getByTestId("caption").innerText()));
  await say(`floor/requests/${id}/revoke`);
});

test("pictures that the server withholds are counted, with the cause", async () => {
  const page = await browser.context.newPage();
  await page.addInitScript(installDevices, people["taipei-1"]);
  // The server's own words, as over a poor connection.
  await page.routeWebSocket(/\/api\/v1\/ws$/, (socket) => {
    const upstream = socket.connectToServer();
    upstream.onMessage((text) => {
      const message = JSON.parse(text);
      if (message.type === "slots")
        for (const slot of message.slots) if (slot.shows?.source === "camera") slot.shows.paused = true;
      socket.send(JSON.stringify(message));
    });
  });
  taipei.close();
  await page.goto(await server.link("taipei-1"));
  await page.getByTestId("room-climate").click();
  await page.getByTestId("take-seat").click();
  await until("the pictures are counted", async () =>
    /^\d pictures paused: your connection$/.test(
      await page
        .getByTestId("withheld")
        .innerText()
        .catch(() => ""),
    ),
  );
  assert.match(await page.getByTestId("name-plate").innerText(), /Your connection cannot carry the video/);
  await page.setViewportSize({ width: 390, height: 844 });
  const { width } = await page.locator(".caption-who").boundingBox();
  assert.ok(width >= 140, `on a phone the speaker's name has ${width} px beside the count`);
  await page.close();
});

test("the screen stays on while the participant is seated, and no longer", async () => {
  await seoul.bringToFront();
  const locks = () => seoul.evaluate(() => window.__screenLocks);
  await until("the screen is kept on", async () => (await locks()) === 1);
  await seoul.getByTestId("dock-leave").click();
  await seoul.getByTestId("leave-question").getByRole("button", { name: "Leave the room" }).click();
  await seoul.getByTestId("seat").waitFor();
  await until("the screen may turn off", async () => (await locks()) === 0);
  assert.deepEqual(seoul.problems, []);
});
