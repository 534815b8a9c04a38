// An hour of a meeting, driven fast: people come and go, ask, withdraw and write, points of order are raised, votes are
// taken, speeches end, commands are refused. Meanwhile no control of the console moves.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium, takeSeat } from "./lib/browser.mjs";
import { Participant } from "./lib/participant.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { shiftsOf, watchShifts } from "./lib/shifts.mjs";
import { until } from "./lib/until.mjs";

const CITIES = ["taipei-1", "tokyo-1", "seoul-1", "delhi-1"];
/** A speech of three minutes each: twenty make an hour. */
const SPEECHES = 20;
/** Every control that is always there: the head, the list of speakers, the tabs, the dock. */
const STEADY = [".console-head .holder", ".console-title", ".list-controls", ".side .tabs", ".dock"];

let server, browser, page, chair;
const seats = {};

const floor = () => server.get("/rooms/climate/floor", chair);
const act = (path, body = {}) => server.post(`/rooms/climate/${path}`, body, chair);
const shown = (seq) => until("the page has caught up", () => page.evaluate((seq) => window.__seq >= seq, seq));

before(async () => {
  server = await Server.start({ conference: conferenceFile({ floor: 'max_requests = 4\nreconnect_grace = "1s"' }) });
  browser = await startChromium();
  chair = await server.token("moderator-1");
  // The last event that the page has received: the test goes on when it has.
  page = await takeSeat(browser, server, "moderator-1", () => {
    const Native = window.WebSocket;
    window.WebSocket = class extends Native {
      constructor(...args) {
        super(...args);
        this.addEventListener("message", ({ data }) => {
          const message = JSON.parse(data);
          // Several events may come in one message.
          const { seq } = message.events?.at(-1) ?? message;
          requestAnimationFrame(() => (window.__seq = seq ?? window.__seq));
        });
      }
    };
  });
  await page.setViewportSize({ width: 1440, height: 1000 });
  for (const person of CITIES) seats[person] = await Participant.join(server, person);
});

after(async () => {
  for (const seat of Object.values(seats)) seat.close();
  await browser?.close();
  await server?.close();
});

const caughtUp = async () => shown((await server.get("/rooms/climate", chair)).seq);

/** One turn of the meeting: something of everything that moderators see. */
async function turn(i) {
  const [a, b, c, d] = CITIES.map((_, at) => CITIES[(at + i) % CITIES.length]);
  for (const person of [a, b, c]) await seats[person].requestFloor().catch(() => {});
  for (const { id } of (await floor()).requests.filter((r) => r.state === "pending"))
    await act(`floor/requests/${id}/accept`);
  await act("floor/next").catch(() => {});
  await caughtUp();
  await seats[d].command("chat.post", { text: `Message ${i}: please check the third paragraph of the draft.` });
  await seats[b].command("floor.request", { kind: "point_of_order", info: "Off the item." });
  await caughtUp();
  const point = (await floor()).requests.find((r) => r.kind === "point_of_order");
  if (i % 2) await act(`floor/requests/${point.id}/grant`);
  await caughtUp();
  await act(`floor/requests/${point.id}/${i % 3 ? "deny" : "accept"}`);
  const [held] = (await floor()).granted;
  if (i % 4 === 0 && held) {
    seats[held.beneficiary].close();
    await until("the chair is asked", async () => (await page.getByTestId("absent-question").count()) > 0);
    await act(`floor/requests/${held.id}/revoke`);
    seats[held.beneficiary] = await Participant.join(server, held.beneficiary);
  }
  if (i % 5 === 0) {
    const question = await act("decisions", { kind: "roll_call", question: `Adopt paragraph ${i}?` });
    for (const person of CITIES) await seats[person].command("decision.vote", { decision: question.id, choice: "yes" });
    await caughtUp();
    await act(`decisions/${question.id}/close`);
  }
  if (i % 7 === 0) {
    await act("floor/list/close");
    await act("floor/list/reopen");
  }
  if (i === 9) {
    await act("floor/list/adjourn");
    await caughtUp();
    await act("floor/list/resume");
  }
  await caughtUp();
}

test("no control of the console moves in an hour of a meeting", async () => {
  await until("the page is at rest", async () => (await page.locator(".resting").count()) === 0);
  await watchShifts(page, STEADY);
  for (let i = 0; i < SPEECHES; i++) await turn(i);
  const { shifts, frames } = await shiftsOf(page);
  assert.ok(frames > 100, `measured in ${frames} frames`);
  assert.deepEqual(shifts, []);
});

test("no row of the order moves under a pointer that rests on it, whatever happens", async () => {
  await seats["seoul-1"].requestFloor().catch(() => {});
  await page.locator("[data-testid^=entry-]").first().waitFor();
  await page.locator("[data-testid^=entry-] .grant").first().hover();
  await watchShifts(page, ["[data-testid=rows]"]);
  for (let i = 0; i < 4; i++) await turn(i + 1);
  assert.deepEqual((await shiftsOf(page)).shifts, []);
  assert.deepEqual(page.problems, []);
});
