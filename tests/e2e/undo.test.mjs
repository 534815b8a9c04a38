// A press of the chair that was a slip is taken back within ten seconds, by one press that says what it takes back.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium, takeSeat } from "./lib/browser.mjs";
import { Participant } from "./lib/participant.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

let server, browser, page, chair;
const seats = {};
const floor = () => server.get("/rooms/climate/floor", chair);
const held = async () => (await floor()).granted[0]?.beneficiary ?? null;
const awake = () => until("the buttons have rested", async () => (await page.locator(".resting").count()) === 0);

before(async () => {
  server = await Server.start({ conference: conferenceFile({ gallery: false }) });
  browser = await startChromium();
  chair = await server.token("moderator-1");
  page = await takeSeat(browser, server, "moderator-1");
  for (const person of ["tokyo-1", "seoul-1", "delhi-1"]) {
    seats[person] = await Participant.join(server, person);
    const { id } = await seats[person].requestFloor();
    await server.post(`/rooms/climate/floor/requests/${id}/accept`, {}, chair);
  }
  await server.post("/rooms/climate/floor/next", {}, chair);
});

after(async () => {
  for (const seat of Object.values(seats)) seat.close();
  await browser?.close();
  await server?.close();
});

test("Undo takes back Next, says whom it had called, and counts its seconds down", async () => {
  await until("Seoul is next", async () => /Seoul/.test(await page.getByTestId("next-button").innerText()));
  await awake();
  await page.getByTestId("next-button").click();
  await until("Seoul speaks", async () => (await held()) === "seoul-1");
  const undo = page.getByTestId("undo");
  await until("it says what it takes back", async () =>
    /Undo: the floor was given to Seoul delegate \(\d+ s left\)/.test(await undo.getAttribute("aria-label")),
  );
  await awake();
  await undo.click();
  await until("Tokyo speaks on", async () => (await held()) === "tokyo-1");
  await until("Seoul is next again", async () => /Next: Seoul/.test(await page.getByTestId("next-button").innerText()));
  await until("nothing is left to undo", async () => /nothing to undo/.test(await undo.getAttribute("aria-label")));
  const events = await server.get("/rooms/climate/events?after=0", chair);
  assert.ok(events.some((e) => e.type === "floor.undone"));
});

test("a denied request is taken back to its place, and a second click takes back nothing else", async () => {
  await awake();
  await page
    .getByTestId("entry-seoul-1")
    .getByRole("button", { name: /^Deny: Seoul delegate$/ })
    .click();
  await until(
    "denied",
    async () => !(await floor()).requests.some((r) => r.beneficiary === "seoul-1" && r.state === "accepted"),
  );
  await awake();
  await page.getByTestId("undo").click();
  await page.getByTestId("undo").click({ force: true });
  await until(
    "Seoul is first again",
    async () => (await floor()).requests.find((r) => r.beneficiary === "seoul-1")?.position === 1,
  );
  await page.mouse.move(5, 5);
  await page.getByTestId("entry-seoul-1").waitFor();
  assert.deepEqual(page.problems, []);
});
