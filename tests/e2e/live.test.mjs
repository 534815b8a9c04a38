// What the page says of the speaker's own microphone and camera: only what the server has heard and seen.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium, takeSeat } from "./lib/browser.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

let server, browser, chair, tokyo, seoul, request;

const status = (page) =>
  page
    .getByTestId("live-status")
    .innerText()
    .catch(() => "");
const says = (page, words, ms) => until(`the speaker reads ${words}`, async () => words.test(await status(page)), ms);
const band = (page, words) =>
  until(`the band reads ${words}`, async () =>
    words.test(
      await page
        .getByTestId("band-line")
        .innerText()
        .catch(() => ""),
    ),
  );
const level = async (page) => Number(await page.getByTestId("microphone-meter").getAttribute("data-level"));

/** Runs in the page first: a microphone whose sound can be taken away while its track goes on, as a wrong device would do. */
function controlMicrophone() {
  const { connect } = AudioNode.prototype;
  window.__gains = [];
  AudioNode.prototype.connect = function (to, ...more) {
    if (this instanceof GainNode && to instanceof MediaStreamAudioDestinationNode) window.__gains.push(this);
    return connect.call(this, to, ...more);
  };
}

before(async () => {
  server = await Server.start({ conference: conferenceFile() });
  browser = await startChromium();
  chair = await server.token("moderator-1");
  tokyo = await takeSeat(browser, server, "tokyo-1", controlMicrophone);
  seoul = await takeSeat(browser, server, "seoul-1");
  request = (await server.post("/rooms/climate/floor/requests", {}, await server.token("tokyo-1"))).id;
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("who was called is live once the server hears the microphone, with its level on the button", async () => {
  await server.post(`/rooms/climate/floor/requests/${request}/grant`, {}, chair);
  await says(tokyo, /^You are live/);
  await until("the level to be shown", async () => (await level(tokyo)) > 0.2);
});

test("everybody sees who is speaking", async () => {
  await until("Seoul to see that Tokyo speaks", () => seoul.locator(".caption .speaking-sign.now").count());
  assert.equal((await seoul.locator(".tile.speaking").count()) > 0, true);
});

test("a microphone that is turned off is not live, and the band says so first", async () => {
  await tokyo.getByTestId("dock-microphone").click();
  await says(tokyo, /^Your microphone is off/);
  await band(tokyo, /Your microphone is off/);
  assert.equal(await level(tokyo), 0);
  await tokyo.getByTestId("dock-microphone").click();
  await says(tokyo, /^You are live/);
});

test("a microphone that gives no sound is questioned", async () => {
  const loud = (on) =>
    tokyo.evaluate((value) => window.__gains.forEach(({ gain }) => (gain.value = value)), on ? 0.3 : 0);
  await loud(false);
  await says(tokyo, /The server hears nothing: is this the right microphone\?/, 25_000);
  await band(tokyo, /The server hears nothing/);
  await until(
    "nobody is shown as speaking",
    async () => (await seoul.locator(".caption .speaking-sign.now").count()) === 0,
  );
  await loud(true);
  await says(tokyo, /^You are live/);
});

test("a speaker whom the chair mutes is told so in place of being live", async () => {
  await server.post("/rooms/climate/participants/tokyo-1/mute", {}, chair);
  await says(tokyo, /^Muted by the chair/);
  await server.post("/rooms/climate/participants/tokyo-1/mute", { on: false }, chair);
  await says(tokyo, /^You are live/);
});

test("a camera is said to be off when it is", async () => {
  await until("the camera is received", async () =>
    /^Camera: Your camera is on$/.test(await tokyo.getByTestId("dock-camera").getAttribute("aria-label")),
  );
  await tokyo.getByTestId("dock-camera").click();
  await until("the camera is off", async () =>
    /^Camera: Your camera is off$/.test(await tokyo.getByTestId("dock-camera").getAttribute("aria-label")),
  );
});

test("no page had an error", () => {
  for (const page of [tokyo, seoul]) assert.deepEqual(page.problems, []);
});
