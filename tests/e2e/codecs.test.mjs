// Publishers whose browsers send one codec only, seen by a listener with all of them, through the server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { colourOf, isColourOf, startChromium, takeSeat } from "./lib/browser.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

let server, browser, moderator, seoul, chair;

/** What a page runs first so that it sends pictures in one codec only. */
const sendingOnly = (name) => `{
  const native = RTCRtpTransceiver.prototype.setCodecPreferences;
  RTCRtpTransceiver.prototype.setCodecPreferences = function (codecs) {
    const sends = this.direction === "sendonly" && this.receiver.track.kind === "video";
    native.call(this, sends ? codecs.filter(({ mimeType }) => /video\\/(${name}|rtx)$/i.test(mimeType)) : codecs);
  };
}`;

const sent = (page) =>
  page.evaluate(async () => {
    const codecs = new Set();
    for (const peer of window.__peers.filter(({ connectionState }) => connectionState === "connected")) {
      const report = await peer.getStats();
      report.forEach((stat) => {
        if (stat.type === "outbound-rtp" && stat.kind === "video" && stat.packetsSent > 0)
          codecs.add(report.get(stat.codecId)?.mimeType);
      });
    }
    return [...codecs];
  });

const grant = async (person) => {
  const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token(person));
  await server.post(`/rooms/climate/floor/requests/${id}/grant`, {}, chair);
  return id;
};
const revoke = (id) => server.post(`/rooms/climate/floor/requests/${id}/revoke`, {}, chair);

before(async () => {
  server = await Server.start();
  browser = await startChromium();
  chair = await server.token("moderator-1");
  moderator = await takeSeat(browser, server, "moderator-1");
  seoul = await takeSeat(browser, server, "seoul-1");
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("a browser that offers everything sends VP8", async () => {
  await until("Seoul sends", async () => (await sent(seoul)).length > 0);
  assert.deepEqual(await sent(seoul), ["video/VP8"]);
});

for (const [name, person] of [
  ["VP9", "tokyo-1"],
  ["H264", "delhi-1"],
]) {
  test(`a speaker who sends ${name} alone is seen on stage`, async () => {
    const page = await takeSeat(browser, server, person, sendingOnly(name));
    const id = await grant(person);
    await until(`Seoul sees ${person}`, async () => isColourOf(await colourOf(seoul, "stage-video"), person), 20_000);
    assert.deepEqual(await sent(page), [`video/${name}`]);
    await revoke(id);
  });
}

test("a slot goes from one codec to the next, and every source could be decoded", async () => {
  for (const person of ["tokyo-1", "delhi-1", "tokyo-1"]) {
    const id = await grant(person);
    await until(`the moderator sees ${person}`, async () =>
      isColourOf(await colourOf(moderator, "stage-video"), person),
    );
    await revoke(id);
  }
  assert.equal(await server.metric("plenary_media_sources_not_decodable_total"), 0);
});
