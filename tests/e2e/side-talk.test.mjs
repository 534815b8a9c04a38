// Side talks in real Chromium: two delegates talk aside, from page to page. The other one hears it, the room does not,
// the room is turned down meanwhile, and the floor and the staff end it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { audiblePeople, startChromium, takeSeat, toneLevels } from "./lib/browser.mjs";
import { focused } from "./lib/keyboard.mjs";
import { checkView, watchPolicy } from "./lib/screen-checks.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

let server, browser, tokyo, seoul, taipei, chair;

const button = (page, name) => page.getByRole("button", { name, exact: true });
const strip = (page) => page.getByTestId("talk-strip");
const said = (page, words) => page.locator(".notice").getByText(words).waitFor();
const hears = (page, ...people) =>
  until(`hears ${people}`, async () => String(await audiblePeople(page)) === String(people));
/** Shows the list of people; the button of the dock would hide it again. */
const showPeople = async (page) => {
  if (!(await page.getByTestId("roster").or(page.getByTestId("people")).isVisible()))
    await page.getByTestId("dock-people").click();
};
/** Presses in front: in a page behind another, Chromium may paint so seldom that no button stands still. */
const click = async (page, name) => {
  await page.bringToFront();
  await button(page, name).click();
};
const call = async (page, name) => {
  await page.bringToFront();
  await showPeople(page);
  await click(page, `Call ${name} for a side talk`);
};
/** Presses until it counts: a press right after the buttons have come does nothing. */
const press = (page, name) =>
  until(`${name} counts`, async () => {
    await page.bringToFront();
    if (await button(page, name).count())
      await button(page, name)
        .click({ timeout: 1_000 })
        .catch(() => undefined);
    return (await button(page, name).count()) === 0;
  });
const talkTogether = async () => {
  await call(seoul, "Tokyo delegate");
  await press(tokyo, "Answer");
  await until("both are connected", async () => {
    const notes = await Promise.all([tokyo, seoul].map((page) => page.getByTestId("talk-note").innerText()));
    return notes.every((note) => note.startsWith("The room is turned down"));
  });
};
/** What the page sends of its microphone to the server: the first connection that it has made. */
const sendsToRoom = (page) =>
  page.evaluate(() => {
    const [sender] = window.__peers
      .find((peer) => peer.getSenders().length > 2 && peer.connectionState !== "closed")
      .getSenders();
    return sender.track !== null;
  });
const volume = (page) => page.evaluate(() => document.querySelector('[data-testid="voice-0"]').volume);

before(async () => {
  server = await Server.start({ conference: conferenceFile({ floor: 'mode = "open"' }) });
  browser = await startChromium();
  taipei = await takeSeat(browser, server, "taipei-1");
  tokyo = await takeSeat(browser, server, "tokyo-1", watchPolicy);
  seoul = await takeSeat(browser, server, "seoul-1", watchPolicy);
  chair = await takeSeat(browser, server, "moderator-1", watchPolicy);
  await button(taipei, "Ask for the floor").click();
  await until("Taipei is heard", async () => (await audiblePeople(seoul)).includes("taipei-1"));
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("a call rings without taking the focus, and a second press calls once", async () => {
  await seoul.getByTestId("dock-chat").click();
  const field = seoul.locator("#side textarea, #side input[type=text], #side input:not([type])").first();
  await field.focus();
  const before = await focused(seoul);
  await tokyo.bringToFront();
  await showPeople(tokyo);
  await button(tokyo, "Call Seoul delegate for a side talk").dblclick();
  await strip(seoul).getByText("Tokyo delegate calls you for a private side talk").waitFor();
  assert.deepEqual(await focused(seoul), before);
  await seoul.getByTestId("live-assertive").getByText("Tokyo delegate calls you").waitFor();
  await strip(tokyo).getByText("Calling Seoul delegate").waitFor();
});

test("who refuses is not called again at once, and the caller reads so", async () => {
  await press(seoul, "Refuse");
  await said(tokyo, "Seoul delegate does not want a side talk now.");
  await click(tokyo, "Call Seoul delegate for a side talk");
  await said(tokyo, "Seoul delegate refused a moment ago; wait a little.");
  assert.equal(await strip(seoul).count(), 0);
});

test("two talk aside: the other one hears it and the room does not, and the room is turned down", async () => {
  const forwarded = () => server.metric("plenary_media_ungranted_packets_forwarded_total");
  await call(seoul, "Tokyo delegate");
  await press(tokyo, "Answer");
  await strip(tokyo).getByText("Private side talk with Seoul delegate — the room does not hear you").waitFor();
  await hears(tokyo, "moderator-1", "seoul-1", "taipei-1");
  await hears(seoul, "moderator-1", "taipei-1", "tokyo-1");
  await hears(taipei, "moderator-1");
  assert.deepEqual([await volume(tokyo), await volume(seoul), await volume(taipei)], [0.2, 0.2, 1]);
  assert.deepEqual([await sendsToRoom(tokyo), await sendsToRoom(seoul)], [false, false]);
  assert.equal(await forwarded(), 0);
  await checkView(seoul, "side-talk");
});

test("a third one is told that both are busy, and so is the holder of the floor that a talk has to wait", async () => {
  await call(taipei, "Tokyo delegate");
  await said(taipei, "You have the floor; a side talk has to wait until you have spoken.");
  await showPeople(chair);
  await button(chair, "Close the side talk of Tokyo delegate").waitFor();
  await chair.getByText("In a side talk with Seoul delegate").waitFor();
  assert.equal(await button(chair, "Call Tokyo delegate for a side talk").count(), 0);
  await checkView(chair, "side-talk-staff");
});

test("one mutes the own microphone for the other one, also by the key", async () => {
  await click(tokyo, "Mute");
  await until("Seoul hears nothing of Tokyo", async () => (await toneLevels(seoul))["tokyo-1"] < -70);
  await tokyo.locator("body").press("m");
  await hears(seoul, "moderator-1", "taipei-1", "tokyo-1");
});

test("who is called to the floor leaves the side talk by itself, and only then is heard by the room", async () => {
  const token = await server.token("seoul-1");
  await server.post("/rooms/climate/floor/requests", {}, token).catch(() => undefined);
  const { requests } = await server.get("/rooms/climate/floor", token);
  const own = requests.find(({ beneficiary }) => beneficiary === "seoul-1");
  if (own && own.state !== "granted") {
    const chairs = await server.token("moderator-1");
    const replace = requests.find(({ beneficiary }) => beneficiary === "taipei-1").id;
    await server.post(`/rooms/climate/floor/requests/${own.id}/grant`, { replace }, chairs);
  }
  await said(seoul, "You are called to the floor. The side talk has ended");
  await said(tokyo, "Seoul delegate is called to the floor. The side talk has ended.");
  assert.equal(await strip(seoul).count(), 0);
  await until("the room hears Seoul", async () => (await audiblePeople(taipei)).includes("seoul-1"));
  assert.equal(await volume(tokyo), 1);
  await button(seoul, /End my speech/).click();
});

test("a moderator closes a side talk, and both are told who did", async () => {
  await talkTogether();
  await click(chair, "Close the side talk of Tokyo delegate");
  await said(tokyo, "Moderator has closed your side talk with Seoul delegate.");
  await said(seoul, "Moderator has closed your side talk with Tokyo delegate.");
  await until(
    "the room gets both microphones again",
    async () => (await sendsToRoom(tokyo)) && (await sendsToRoom(seoul)),
  );
  for (const page of [tokyo, seoul, taipei, chair]) assert.deepEqual(page.problems, []);
});

test("who leaves ends it for the other one, and nothing of all this is in the record", async () => {
  await talkTogether();
  await seoul.close();
  await said(tokyo, "Seoul delegate is no longer connected. The side talk has ended.");
  const events = await server.get("/rooms/climate/events?after=0", await server.token("moderator-1"));
  assert.deepEqual(
    events.filter(({ type }) => type.startsWith("talk")),
    [],
  );
});
