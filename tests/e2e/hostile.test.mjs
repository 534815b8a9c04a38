// A client that sends media from the first moment, without asking for the floor. Its packets are counted at a receiver
// and on the wire.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { colourOf, isColourOf, startChromium, takeSeat, audiblePeople } from "./lib/browser.mjs";
import { conferenceFile, Server } from "./lib/server.mjs";
import { pause, until } from "./lib/until.mjs";
import { capture, isRtp } from "./lib/capture.mjs";

let server, browser, seoul, delhi, chair;

const mediaPort = () => Number(server.ready.media.split(":").at(-1));

const packets = (page, direction) =>
  page.evaluate(async (type) => {
    let sum = 0;
    for (const peer of window.__peers) {
      for (const report of (await peer.getStats()).values()) {
        if (report.type === type) sum += report.packetsSent ?? report.packetsReceived ?? 0;
      }
    }
    return sum;
  }, direction);

before(async () => {
  // No gallery: without the floor nothing at all may pass, pictures included.
  server = await Server.start({ conference: conferenceFile({ gallery: false }) });
  browser = await startChromium();
  chair = await server.token("moderator-1");
  seoul = await takeSeat(browser, server, "seoul-1");
  delhi = await takeSeat(browser, server, "delhi-1");
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("a participant who sends without the floor has no packet forwarded", async () => {
  const wire = await capture(mediaPort());
  await until("Delhi sends sound and picture all the while", async () => (await packets(delhi, "outbound-rtp")) > 200);
  await pause(2000);
  const passed = await wire.stop();
  assert.ok(
    passed.some((each) => each.to === mediaPort() && isRtp(each)),
    "the capture saw the hostile sender",
  );
  assert.equal(passed.filter((each) => each.from === mediaPort() && isRtp(each)).length, 0, "RTP that left the server");
  assert.equal(await packets(seoul, "inbound-rtp"), 0);
  assert.equal(await server.metric("plenary_media_ungranted_packets_forwarded_total"), 0);
});

test("packets pass once the floor is granted, and none after it is revoked", async () => {
  const delegate = await server.token("delhi-1");
  const { id } = await server.post("/rooms/climate/floor/requests", {}, delegate);
  await server.post(`/rooms/climate/floor/requests/${id}/grant`, {}, chair);
  await until("Seoul sees Delhi", async () => isColourOf(await colourOf(seoul, "stage-video"), "delhi-1"));
  await server.post(`/rooms/climate/floor/requests/${id}/revoke`, {}, chair);
  // The reply is here: what was under way on the loopback has a moment to arrive, then the count must stand still.
  await pause(300);
  const received = await packets(seoul, "inbound-rtp");
  const wire = await capture(mediaPort());
  await pause(2000);
  const passed = await wire.stop();
  assert.equal(passed.filter((each) => each.from === mediaPort() && isRtp(each)).length, 0);
  assert.equal(await packets(seoul, "inbound-rtp"), received);
  assert.equal(await server.metric("plenary_media_ungranted_packets_forwarded_total"), 0);
});

test("rubbish on the media port disturbs nobody", async () => {
  const delegate = await server.token("delhi-1");
  const { id } = await server.post("/rooms/climate/floor/requests", {}, delegate);
  await server.post(`/rooms/climate/floor/requests/${id}/grant`, {}, chair);
  await until(
    "Seoul sees and hears Delhi",
    async () =>
      isColourOf(await colourOf(seoul, "stage-video"), "delhi-1") && (await audiblePeople(seoul)).includes("delhi-1"),
  );
  const socket = createSocket("udp4");
  const stun = Buffer.concat([Buffer.from([0, 1, 0, 80, 0x21, 0x12, 0xa4, 0x42]), randomBytes(92)]);
  const hello = Buffer.concat([Buffer.from([22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0]), randomBytes(1024)]);
  const rtp = Buffer.concat([Buffer.from([0x90, 96]), randomBytes(900)]);
  const rtcp = Buffer.concat([Buffer.from([0x81, 201, 0, 7]), randomBytes(28)]);
  for (let round = 0; round < 500; round++) {
    for (const junk of [stun, hello, rtp, rtcp, randomBytes(1 + (round % 1400)), Buffer.alloc(0)]) {
      socket.send(junk, mediaPort(), "127.0.0.1");
    }
    if (round % 25 === 0) await pause(10);
  }
  await pause(500);
  socket.close();
  const framesOf = () =>
    seoul.evaluate(
      () => document.querySelector('[data-testid="stage-video"]').getVideoPlaybackQuality().totalVideoFrames,
    );
  const first = await framesOf();
  await until("the picture goes on", async () => (await framesOf()) > first + 10);
  assert.ok((await audiblePeople(seoul)).includes("delhi-1"));
  assert.equal((await fetch(`${server.ops}/healthz`)).status, 200);
});
