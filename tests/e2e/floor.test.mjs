// Requests, grants and revocations in real Chromium: a moderator and three delegates, each with a colour and a tone of
// their own.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { colourOf, isColourOf, offersOf, startChromium, takeSeat, audiblePeople } from "./lib/browser.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

let server, browser, moderator, tokyo, seoul, delhi, chair;

const floor = (verb, body = {}) => server.post(`/rooms/climate/floor/${verb}`, body, chair);
const ask = async (person) =>
  server.post("/rooms/climate/floor/requests", { kind: "statement" }, await server.token(person));
const stage = (page) => colourOf(page, "stage-video");

before(async () => {
  server = await Server.start();
  browser = await startChromium();
  chair = await server.token("moderator-1");
  moderator = await takeSeat(browser, server, "moderator-1");
  tokyo = await takeSeat(browser, server, "tokyo-1");
  seoul = await takeSeat(browser, server, "seoul-1");
  delhi = await takeSeat(browser, server, "delhi-1");
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("before a grant nobody is seen on stage and no delegate is heard", async () => {
  await until("tiles of the seated cities", async () => isColourOf(await colourOf(seoul, "tile-tokyo-1"), "tokyo-1"));
  for (const page of [tokyo, seoul, delhi]) {
    assert.equal(await stage(page), null);
    const heard = (await audiblePeople(page)).filter((person) => person !== "moderator-1");
    assert.deepEqual(heard, []);
  }
});

test("a delegate asks with the main button, and the moderator's Next gives the floor: seen and heard within two seconds", async () => {
  await tokyo.getByTestId("main-button").click();
  const next = moderator.getByTestId("next-button");
  await until("Next names Tokyo", async () => /Tokyo/.test(await next.innerText()));
  const waiting = (await server.get("/rooms/climate/floor", chair)).requests;
  assert.equal(waiting[0].beneficiary, "tokyo-1");
  await next.click();
  await Promise.all([
    until("Seoul sees Tokyo on stage", async () => isColourOf(await stage(seoul), "tokyo-1"), 2000),
    until("Seoul hears Tokyo", async () => (await audiblePeople(seoul)).includes("tokyo-1"), 2000),
  ]);
  assert.ok(!(await audiblePeople(tokyo)).includes("tokyo-1"), "nobody hears himself");
});

test("after next it is Seoul's colour in the same slot, without one offer", async () => {
  const before = await Promise.all([tokyo, seoul, delhi].map(offersOf));
  const element = await delhi.evaluate(() => {
    const video = document.querySelector('[data-testid="stage-video"]');
    return video.srcObject.getVideoTracks()[0].id;
  });
  const request = await ask("seoul-1");
  await floor(`requests/${request.id}/accept`);
  await floor("next");
  await until("Delhi sees Seoul", async () => isColourOf(await stage(delhi), "seoul-1"), 2000);
  await until(
    "Delhi hears Seoul and not Tokyo",
    async () => {
      const heard = await audiblePeople(delhi);
      return heard.includes("seoul-1") && !heard.includes("tokyo-1");
    },
    3000,
  );
  const now = await delhi.evaluate(
    () => document.querySelector('[data-testid="stage-video"]').srcObject.getVideoTracks()[0].id,
  );
  assert.equal(now, element, "the same slot");
  assert.deepEqual(await Promise.all([tokyo, seoul, delhi].map(offersOf)), before);
});

test("after a revoke there is silence", async () => {
  const { granted } = await server.get("/rooms/climate/floor", chair);
  await floor(`requests/${granted[0].id}/revoke`);
  await until("silence", async () => !(await audiblePeople(delhi)).some((person) => person !== "moderator-1"), 2000);
  assert.equal(await server.metric("plenary_media_ungranted_packets_forwarded_total"), 0);
});

test("a page reloaded in mid-speech is back in its seat, with the floor, seen and heard again", async () => {
  const request = await ask("tokyo-1");
  await floor(`requests/${request.id}/grant`);
  await until("Seoul sees Tokyo", async () => isColourOf(await stage(seoul), "tokyo-1"));
  await tokyo.reload();
  await until(
    "Tokyo is back and seen",
    async () => {
      const { granted } = await server.get("/rooms/climate/floor", chair);
      return (
        granted[0]?.beneficiary === "tokyo-1" &&
        !granted[0].substate?.includes("suspended") &&
        isColourOf(await stage(seoul), "tokyo-1") &&
        (await audiblePeople(seoul)).includes("tokyo-1")
      );
    },
    20_000,
  );
});

test("a server killed in mid-speech has everybody back by themselves, with the same holder seen and heard", async () => {
  const before = (await server.get("/rooms/climate/floor", chair)).speech;
  const waiting = await ask("delhi-1");
  await server.restart("SIGKILL");
  chair = await server.token("moderator-1");
  await until(
    "all are seated again",
    async () => {
      const { participants } = await server.get("/rooms/climate", chair);
      return ["moderator-1", "tokyo-1", "seoul-1", "delhi-1"].every((person) =>
        participants.some((each) => each.person === person && each.state === "seated"),
      );
    },
    30_000,
  );
  await until(
    "Seoul sees and hears Tokyo again",
    async () => isColourOf(await stage(seoul), "tokyo-1") && (await audiblePeople(seoul)).includes("tokyo-1"),
    20_000,
  );
  const { speech, requests } = await server.get("/rooms/climate/floor", chair);
  assert.equal(speech.request, before.request);
  assert.ok(speech.consumed_ms >= before.consumed_ms);
  assert.ok(requests.some(({ id, state }) => id === waiting.id && state === "pending"));
  await until(
    "the page says that all is well",
    async () => (await tokyo.getByTestId("connection").innerText()) === "Connected",
  );
  await floor(`requests/${waiting.id}/accept`);
  await floor("next");
  await until(
    "Seoul sees and hears Delhi next",
    async () => isColourOf(await stage(seoul), "delhi-1") && (await audiblePeople(seoul)).includes("delhi-1"),
    5_000,
  );
  for (const page of [moderator, tokyo, seoul, delhi]) assert.deepEqual(page.problems, []);
});
