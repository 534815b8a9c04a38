// The same conference with one Firefox in the room, first as a speaker, then as a listener.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { colourOf, isColourOf, offersOf, startChromium, takeSeat, audiblePeople } from "./lib/browser.mjs";
import { startFirefox, takeSeatInFirefox } from "./lib/firefox.mjs";
import { Server } from "./lib/server.mjs";
import { pause, until } from "./lib/until.mjs";

let server, chromium, firefox, tokyo, seoul, chair;

const grant = async (person) => {
  const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token(person));
  await server.post(`/rooms/climate/floor/requests/${id}/accept`, {}, chair);
  await server.post("/rooms/climate/floor/next", {}, chair);
  return id;
};

before(async () => {
  server = await Server.start();
  chromium = await startChromium();
  firefox = await startFirefox();
  chair = await server.token("moderator-1");
  seoul = await takeSeat(chromium, server, "seoul-1");
  tokyo = await takeSeatInFirefox(firefox, server, "tokyo-1");
});

after(async () => {
  await firefox?.close();
  await chromium?.close();
  await server?.close();
});

test("a Firefox that holds the floor is seen and heard in Chromium", async () => {
  assert.equal(await colourOf(seoul, "stage-video"), null);
  await grant("tokyo-1");
  await until("Seoul sees Tokyo", async () => isColourOf(await colourOf(seoul, "stage-video"), "tokyo-1"));
  await until("Seoul hears Tokyo", async () => (await audiblePeople(seoul)).includes("tokyo-1"));
});

test("a Firefox that listens sees and hears the next speaker, without an offer", async () => {
  const offers = await offersOf(tokyo);
  const id = await grant("seoul-1");
  await until("Tokyo sees Seoul", async () => isColourOf(await colourOf(tokyo, "stage-video"), "seoul-1"));
  await until("Tokyo hears Seoul, and not itself", async () => (await audiblePeople(tokyo)).join() === "seoul-1");
  assert.equal(await offersOf(tokyo), offers);
  await server.post(`/rooms/climate/floor/requests/${id}/revoke`, {}, chair);
  await until("silence", async () => (await audiblePeople(tokyo)).length === 0, 2_000);
  assert.equal(await colourOf(tokyo, "stage-video"), null);
});

test("a Firefox without the floor is not heard, though it sends", async () => {
  await pause(1000);
  assert.ok(!(await audiblePeople(seoul)).includes("tokyo-1"));
  assert.equal(await colourOf(seoul, "stage-video"), null);
  assert.equal(await server.metric("plenary_media_ungranted_packets_forwarded_total"), 0);
  assert.deepEqual(tokyo.problems, []);
});
