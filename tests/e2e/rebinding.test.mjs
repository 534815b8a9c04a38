// A router gives everybody another address in the midst of a speech, and tells nobody. Firefox goes on checking the pair
// that it chose, from the new address, and nominates nothing; the server has to follow by itself.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { audiblePeople, colourOf, isColourOf, offersOf, startChromium, takeSeat } from "./lib/browser.mjs";
import { startFirefox, takeSeatInFirefox } from "./lib/firefox.mjs";
import { RebindingNat } from "./lib/rebinding-nat.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

let nat, server, chromium, firefox, tokyo, seoul, chair;

const hears = async (page, person) => (await audiblePeople(page)).join() === person;
const sees = async (page, person) => isColourOf(await colourOf(page, "stage-video"), person);
const grant = async (person) => {
  const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token(person));
  await server.post(`/rooms/climate/floor/requests/${id}/grant`, {}, chair);
  return id;
};

before(async () => {
  nat = await RebindingNat.create();
  server = await Server.start({ addresses: [nat.address] });
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
  await nat?.close();
});

test("a Firefox whose address changes on the way hears and sees on, and is heard and seen, without a new offer", async () => {
  const id = await grant("seoul-1");
  await until(
    "Tokyo hears and sees Seoul",
    async () => (await hears(tokyo, "seoul-1")) && (await sees(tokyo, "seoul-1")),
  );
  const offers = [await offersOf(tokyo), await offersOf(seoul)];
  await nat.rebind();
  await until("Tokyo hears nothing for a moment", async () => !(await hears(tokyo, "seoul-1")));
  await until(
    "Tokyo hears and sees Seoul again",
    async () => (await hears(tokyo, "seoul-1")) && (await sees(tokyo, "seoul-1")),
  );

  await server.post(`/rooms/climate/floor/requests/${id}/revoke`, {}, chair);
  await grant("tokyo-1");
  await until(
    "Seoul hears and sees Tokyo",
    async () => (await hears(seoul, "tokyo-1")) && (await sees(seoul, "tokyo-1")),
  );
  assert.deepEqual([await offersOf(tokyo), await offersOf(seoul)], offers);
});
