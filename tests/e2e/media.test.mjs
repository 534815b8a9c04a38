// A media connection in real Chromium: a restart of ICE, its end and its return, a shared screen, a camera that is added
// after another was stopped, and the level that the server measures.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { colourOf, isColourOf, offersOf, startChromium, takeSeat, audiblePeople } from "./lib/browser.mjs";
import { Server } from "./lib/server.mjs";
import { pause, until } from "./lib/until.mjs";

let server, browser, seoul, tokyo, chair;

const SCREEN = [160, 30, 160];

/** Runs in the page first: a shared screen is a canvas of one colour. */
const installScreen = `navigator.mediaDevices.getDisplayMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
  const pen = canvas.getContext("2d");
  let frame = 0;
  setInterval(() => {
    pen.fillStyle = "rgb(${SCREEN})";
    pen.fillRect(0, 0, 640, 360);
    pen.fillStyle = "#fff";
    pen.fillRect((frame++ * 8) % 640, 0, 16, 12);
  }, 100);
  return canvas.captureStream(10);
};`;

const grant = async (person) => {
  const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token(person));
  await server.post(`/rooms/climate/floor/requests/${id}/grant`, {}, chair);
  return id;
};
const revoke = (id) => server.post(`/rooms/climate/floor/requests/${id}/revoke`, {}, chair);
const sees = (page, person) => async () => isColourOf(await colourOf(page, "stage-video"), person);
const seesScreen = async () => {
  const colour = await colourOf(seoul, "screen-video");
  return colour !== null && SCREEN.every((want, at) => Math.abs(want - colour[at]) < 45);
};
const frames = (page) =>
  page.evaluate(() => document.querySelector('[data-testid="stage-video"]').getVideoPlaybackQuality().totalVideoFrames);
const fragment = (page) =>
  page.evaluate(() => /a=ice-ufrag:(.*)/.exec(window.__peers.at(-1).currentRemoteDescription.sdp)[1]);

before(async () => {
  server = await Server.start();
  browser = await startChromium();
  chair = await server.token("moderator-1");
  seoul = await takeSeat(browser, server, "seoul-1");
  tokyo = await takeSeat(browser, server, "tokyo-1", installScreen);
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("a delegate on deck is told that the server receives the microphone", async () => {
  const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token("tokyo-1"));
  await server.post(`/rooms/climate/floor/requests/${id}/accept`, {}, chair);
  await tokyo.getByText("The server hears you well.").waitFor();
  await server.post(`/rooms/climate/floor/requests/${id}/deny`, {}, chair);
});

test("Chromium's TWCC feedback gives an estimate of its downlink", async () => {
  const id = await grant("tokyo-1");
  await until("Seoul sees Tokyo", sees(seoul, "tokyo-1"));
  const operator = await server.token("operator-1");
  await until("an estimate", async () => {
    const { participants } = await server.get("/rooms/climate/health", operator);
    return participants.find(({ person }) => person === "seoul-1").estimate_down >= 1_000_000;
  });
  await revoke(id);
});

test("ICE is restarted in mid-speech, at both ends, and media continues", async () => {
  const id = await grant("tokyo-1");
  await until("Seoul sees Tokyo", sees(seoul, "tokyo-1"));
  for (const page of [seoul, tokyo]) {
    const [fragmentBefore, offersBefore] = [await fragment(page), await offersOf(page)];
    await page.evaluate(() => window.__peers.at(-1).restartIce());
    await until("the server's credentials are new", async () => (await fragment(page)) !== fragmentBefore);
    assert.equal(await offersOf(page), offersBefore + 1);
    await until("connected", () => page.evaluate(() => window.__peers.at(-1).iceConnectionState === "connected"));
    const shown = await frames(seoul);
    await until("the picture goes on", async () => (await frames(seoul)) > shown + 10);
  }
  // Checks of the old path are answered no more: without the new one consent would be lost by now.
  await pause(8000);
  const shown = await frames(seoul);
  await until("the picture still goes on", async () => (await frames(seoul)) > shown + 10);
  assert.ok((await audiblePeople(seoul)).includes("tokyo-1"));
  await revoke(id);
});

test("a shared screen is seen with the floor and only then", async () => {
  await tokyo.getByRole("button", { name: "Share screen" }).click();
  await until("the screen is sent", () =>
    tokyo.evaluate(async () => {
      const stats = [...(await window.__peers.at(-1).getStats()).values()];
      const lines = stats.filter(({ type, kind }) => type === "outbound-rtp" && kind === "video");
      return lines.some(({ rid, framesSent }) => rid === undefined && framesSent > 10);
    }),
  );
  assert.equal(await seesScreen(), false);
  const id = await grant("tokyo-1");
  await until("Seoul sees Tokyo's screen", seesScreen);
  await until("and Tokyo", sees(seoul, "tokyo-1"));
  await revoke(id);
  await until("neither", async () => !(await seesScreen()) && !(await sees(seoul, "tokyo-1")()));
  assert.equal(await server.metric("plenary_media_ungranted_packets_forwarded_total"), 0);
});

test("a camera is seen whose line was added after that of another camera was stopped", async () => {
  const id = await grant("tokyo-1");
  await until("Seoul sees Tokyo", sees(seoul, "tokyo-1"));
  const before = await offersOf(tokyo);
  await tokyo.evaluate(() => {
    const peer = window.__peers.at(-1);
    const camera = peer
      .getTransceivers()
      .find(({ sender }) => sender.getParameters().encodings.some(({ rid }) => rid === "h"));
    const track = camera.sender.track.clone();
    camera.stop();
    peer.addTransceiver(track, { direction: "sendonly" });
  });
  await until("the lines are negotiated", async () => (await offersOf(tokyo)) > before);
  const shown = await frames(seoul);
  await until(
    "the new camera is seen",
    async () => (await sees(seoul, "tokyo-1")()) && (await frames(seoul)) > shown + 30,
  );
  assert.equal(await server.metric("plenary_media_indices_refused_total"), 0);
  await revoke(id);
});

test("a media session that has ended begins anew by itself, and the page says so", async () => {
  const id = await grant("tokyo-1");
  await until("Seoul sees Tokyo", sees(seoul, "tokyo-1"));
  await seoul.evaluate(() => window.__peers.at(-1).close());
  await seoul
    .getByTestId("connection")
    .getByText("Your audio and video are interrupted. Reconnecting them…")
    .waitFor({ timeout: 25_000 });
  await until(
    "Seoul sees and hears Tokyo again",
    async () => (await sees(seoul, "tokyo-1")()) && (await audiblePeople(seoul)).includes("tokyo-1"),
    15_000,
  );
  assert.equal(await seoul.getByTestId("connection").innerText(), "Connected");
  await revoke(id);
  for (const page of [seoul, tokyo]) assert.deepEqual(page.problems, []);
});
