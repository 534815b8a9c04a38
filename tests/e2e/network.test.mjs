// The effects of a bad network on a speech: Tokyo's browser is in a network of its own, whose path to the conference is
// cut, in whole or in part, and restored. Nobody touches Tokyo's page meanwhile.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { colourOf, isColourOf, startChromium, takeSeat, audiblePeople } from "./lib/browser.mjs";
import { RemoteNetwork } from "./lib/remote-network.mjs";
import { Server } from "./lib/server.mjs";
import { pause, until } from "./lib/until.mjs";

let city, server, here, there, tokyo, seoul, chair;

const ask = async (person) => server.post("/rooms/climate/floor/requests", {}, await server.token(person));
const grant = async (person) => {
  const { id } = await ask(person);
  return server.post(`/rooms/climate/floor/requests/${id}/grant`, {}, chair);
};
const floor = () => server.get("/rooms/climate/floor", chair);
const words = (page) => page.getByTestId("connection").innerText();
const seesAndHears = async (page, person) =>
  isColourOf(await colourOf(page, "stage-video"), person) && (await audiblePeople(page)).includes(person);
const framesOn = (page) =>
  page.evaluate(() => document.querySelector('[data-testid="stage-video"]').getVideoPlaybackQuality().totalVideoFrames);
const sockets = (page) => page.evaluate(() => window.__sockets);

/** Counts the page's WebSockets. */
function countSockets() {
  window.__sockets = 0;
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...args) {
      super(...args);
      window.__sockets += 1;
    }
  };
}

before(async () => {
  city = await RemoteNetwork.create();
  server = await Server.start({ host: city.host });
  here = await startChromium({ origin: server.url });
  there = await startChromium({ origin: server.url, executable: city.browser });
  chair = await server.token("moderator-1");
  seoul = await takeSeat(here, server, "seoul-1");
  tokyo = await takeSeat(there, server, "tokyo-1", countSockets);
});

after(async () => {
  await there?.close();
  await here?.close();
  await server?.close();
  await city?.close();
});

afterEach(async () => {
  await city.restore();
  for (const { id } of (await floor()).granted)
    await server.post(`/rooms/climate/floor/requests/${id}/revoke`, {}, chair);
});

test("a speaker whose network is cut keeps the floor, paused, and is seen and heard again without acting", async () => {
  await grant("tokyo-1");
  await until("Seoul sees and hears Tokyo", () => seesAndHears(seoul, "tokyo-1"));
  await until("the speech's clock runs", async () => (await floor()).speech?.running);

  await city.cut();
  await until(
    "Tokyo is told that the floor is kept",
    async () => /Reconnecting; the floor is kept for you/.test(await words(tokyo)),
    15_000,
  );
  const suspended = await until(
    "the speech is suspended",
    async () => {
      const {
        granted: [request],
        speech,
      } = await floor();
      return request?.substate === "suspended" && speech;
    },
    12_000,
  );
  assert.equal(suspended.speaker, "tokyo-1");
  assert.equal(suspended.running, false);
  // The room goes on.
  const waiting = await ask("delhi-1");
  await server.post(`/rooms/climate/floor/requests/${waiting.id}/accept`, {}, chair);
  await until("Seoul sees Delhi ask", async () => /delhi/i.test(await seoul.getByTestId("order-list").innerText()));
  assert.ok(!(await audiblePeople(seoul)).includes("tokyo-1"));
  await pause(2_000);
  assert.equal(
    (await floor()).speech.consumed_ms,
    suspended.consumed_ms,
    "the clock stands while the speaker is not heard",
  );

  await city.restore();
  await until("Tokyo is connected again", async () => (await words(tokyo)) === "Connected", 15_000);
  await until("the floor is live", async () => {
    const {
      granted: [request],
      speech,
    } = await floor();
    return request.beneficiary === "tokyo-1" && request.substate === "live" && speech.running;
  });
  await until("Seoul sees and hears Tokyo again", () => seesAndHears(seoul, "tokyo-1"));
  await until("Tokyo knows what happened meanwhile", async () =>
    /delhi/i.test(await tokyo.getByTestId("order-list").innerText()),
  );
  await server.post(`/rooms/climate/floor/requests/${waiting.id}/deny`, {}, chair);
});

test("a listener whose media is cut is told so, keeps the seat, and gets media back", async () => {
  await grant("seoul-1");
  await until("Tokyo sees and hears Seoul", () => seesAndHears(tokyo, "seoul-1"));
  const before = await sockets(tokyo);
  await city.cutMedia(server);
  await until("Tokyo is told in words", async () => /audio and video/.test(await words(tokyo)));
  await pause(2_000);
  await city.restore();
  await until("Tokyo is connected again", async () => (await words(tokyo)) === "Connected");
  await until("Tokyo sees and hears Seoul again", () => seesAndHears(tokyo, "seoul-1"));
  assert.equal(await sockets(tokyo), before, "the room's connection stood all the while");
});

test("a speaker whose media is cut for longer than ICE waits gets it back by a new offer", async () => {
  await grant("tokyo-1");
  await until("Seoul sees and hears Tokyo", () => seesAndHears(seoul, "tokyo-1"));
  const [sat, offered] = await Promise.all([sockets(tokyo), tokyo.evaluate(() => window.__offers)]);
  await city.cutMedia(server);
  await until("Tokyo offers media anew", async () => (await tokyo.evaluate(() => window.__offers)) > offered, 60_000);
  await city.restore();
  await until("Tokyo is connected again", async () => (await words(tokyo)) === "Connected", 60_000);
  await until("Seoul sees and hears Tokyo again", () => seesAndHears(seoul, "tokyo-1"));
  assert.equal(await sockets(tokyo), sat, "the room's connection stood all the while");
});

test("with one packet in ten lost both ways the picture goes on and the voice stays", async () => {
  await grant("seoul-1");
  await until("Tokyo sees and hears Seoul", () => seesAndHears(tokyo, "seoul-1"));
  await city.lose(0.1);
  let frames = await framesOn(tokyo);
  for (let second = 0; second < 8; second += 2) {
    await pause(2_000);
    const now = await framesOn(tokyo);
    // Seoul's camera gives 15 frames a second: half of them have to be there in every two seconds.
    assert.ok(now - frames >= 15, `${now - frames} frames in two seconds`);
    frames = now;
    assert.ok(await seesAndHears(tokyo, "seoul-1"), `after ${second + 2} s`);
  }
  assert.equal(await words(tokyo), "Connected");
  assert.ok((await server.metric("plenary_media_packets_retransmitted_total")) > 0, "what was lost was sent again");
  for (const page of [tokyo, seoul]) assert.deepEqual(page.problems, []);
});
