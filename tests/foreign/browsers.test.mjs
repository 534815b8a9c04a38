// The browsers themselves, with an offer that the page would never make: a data channel and a stopped line beside what is
// served. Both are rejected in the answer, and the browser has to take it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium } from "../e2e/lib/browser.mjs";
import { Participant } from "../e2e/lib/participant.mjs";
import { startFirefox } from "../e2e/lib/firefox.mjs";
import { startServer } from "./lib/room.mjs";

let server;

before(async () => {
  server = await startServer();
});

after(async () => {
  await server?.close();
});

/** Runs in the page: an offer of two slots and a data channel. */
async function offerWithRefusedLines() {
  const peer = (globalThis.peer = new RTCPeerConnection());
  peer.addTransceiver("audio", { direction: "recvonly" });
  peer.addTransceiver("video", { direction: "recvonly" });
  peer.createDataChannel("chat");
  await peer.setLocalDescription(await peer.createOffer());
  return peer.localDescription.sdp;
}

/** Runs in the page: resolves with what becomes of the connection. */
async function take(answer) {
  const { peer } = globalThis;
  const connected = new Promise((done) => {
    peer.onconnectionstatechange = () =>
      ["connected", "failed"].includes(peer.connectionState) && done(peer.connectionState);
  });
  await peer.setRemoteDescription({ type: "answer", sdp: answer });
  return connected;
}

/** Runs in the page: another offer, with the second line stopped. */
async function stopSecondLine() {
  const { peer } = globalThis;
  peer.getTransceivers()[1].stop();
  await peer.setLocalDescription(await peer.createOffer());
  return peer.localDescription.sdp;
}

async function takeAgain(answer) {
  const { peer } = globalThis;
  await peer.setRemoteDescription({ type: "answer", sdp: answer });
  return peer.connectionState;
}

for (const [name, start, person] of [
  [
    "Chromium",
    async () => {
      const chromium = await startChromium();
      return { page: await chromium.context.newPage(), close: () => chromium.close() };
    },
    "tokyo-1",
  ],
  [
    "Firefox",
    async () => {
      const firefox = await startFirefox();
      return { page: await firefox.browser.newPage(), close: () => firefox.close() };
    },
    "delhi-1",
  ],
]) {
  test(`${name} takes answers that refuse its data channel and its stopped line, and stays connected`, async () => {
    const browser = await start();
    try {
      await browser.page.goto(`${server.url}/`);
      const offer = await browser.page.evaluate(offerWithRefusedLines);
      const participant = await Participant.join(server, person, "climate", { offer });
      const { answer } = participant.messages.find(({ type }) => type === "welcome");
      assert.match(answer, /^m=application 0 /m);
      assert.equal(await browser.page.evaluate(take, answer), "connected");

      const again = await participant.negotiate(await browser.page.evaluate(stopSecondLine));
      assert.match(again, /^m=video 0 /m);
      assert.equal(await browser.page.evaluate(takeAgain, again), "connected");
      participant.close();
    } finally {
      await browser.close();
    }
  });
}
