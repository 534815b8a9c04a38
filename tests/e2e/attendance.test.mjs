// Who of the members is here, in view all the time; the quorum of a question; the agenda against its plan.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium, takeSeat } from "./lib/browser.mjs";
import { Participant } from "./lib/participant.mjs";
import { clickTwice, pointAt } from "./lib/pointer.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const conference = `${conferenceFile({ floor: 'reconnect_grace = "3s"', gallery: false })}
[[item]]
room = "climate"
title = "Early warning"
kind = "debate"
starts = 2021-10-12T10:00:00
minutes = 40
speakers = ["tokyo-1", "delhi-1"]

[[item]]
room = "climate"
title = "Rivers"
kind = "presentations"
starts = 2021-10-12T10:40:00
minutes = 20
speakers = ["seoul-1"]

[[item]]
room = "climate"
title = "Closing"
kind = "address"
starts = 2021-10-12T11:00:00
minutes = 10
`;

let server, browser, page, chair;
const seats = {};
const room = () => server.get("/rooms/climate", chair);
const shown = (testId, words) =>
  until(`${testId} shows ${words}`, async () =>
    words.test(
      await page
        .getByTestId(testId)
        .first()
        .innerText()
        .catch(() => ""),
    ),
  );

before(async () => {
  server = await Server.start({ conference });
  browser = await startChromium();
  chair = await server.token("moderator-1");
  page = await takeSeat(browser, server, "moderator-1");
  await page.setViewportSize({ width: 1280, height: 1000 });
  for (const person of ["taipei-1", "tokyo-1", "seoul-1"]) seats[person] = await Participant.join(server, person);
});

after(async () => {
  for (const seat of Object.values(seats)) seat.close();
  await browser?.close();
  await server?.close();
});

test("the head of the console says which members are here, whose place is kept, and who is not here", async () => {
  await shown("attendance-line", /3 of 4 members here\s*1 not here/);
  seats["seoul-1"].close();
  await shown("attendance-line", /2 of 4 members here\s*1 disconnected, places kept\s*1 not here/);
  await shown("attendance-line", /2 of 4 members here\s*2 not here/);
  await page.locator("#tab-people").click();
  await shown(
    "attendance",
    /Here 2\s*Taipei · Tokyo\s*Disconnected, place kept 0\s*–\s*Not here 1\s*Seoul \(Left at \d\d:\d\d\)\s*Never seen 1\s*Delhi/,
  );
});

test("the form of a question says whether its quorum is reached, and a refusal for want of it goes when it is", async () => {
  await page.locator("#tab-decisions").click();
  await page.getByTestId("quorum").selectOption("3/4");
  await shown("quorum-facts", /2 of 4 members present · the quorum of 3 is not reached/);
  await page.getByRole("textbox", { name: "Question to the meeting" }).fill("Adopt the declaration?");
  await page.getByRole("button", { name: "Put the question" }).click();
  await shown("console-refusal", /2 of 4 members are present, and a decision needs 3/);
  seats["seoul-1"] = await Participant.join(server, "seoul-1");
  await shown("quorum-facts", /3 of 4 members present · the quorum of 3 is reached/);
  await until("the refusal is gone", async () => (await page.getByTestId("console-refusal").count()) === 0);
  await page.getByRole("button", { name: "Roll call" }).click();
  await page.getByRole("button", { name: "Put the question" }).click();
  const { quorum } = await until("the question is open", async () => (await room()).decisions[0]);
  assert.deepEqual(quorum, { members: 4, needed: 3 });
  await seats["tokyo-1"].command("decision.vote", { decision: "d1", choice: "yes" });
  await shown("attendance-line", /3 of 4 members here\s*1 not here\s*quorum 3\s*1 of 3 have voted/);
  await server.post("/rooms/climate/decisions/d1/close", {}, chair);
});

test("two clicks on Start begin an item and do not end it, and the agenda says what follows its plan", async () => {
  await page.locator("#tab-agenda").click();
  await shown("agenda-desk", /Planned to speak: Tokyo delegate · Delhi delegate \(Never seen\)/);
  for (const gap of [50, 120, 400, 800]) {
    const start = page.getByRole("button", { name: /^(Start|Reopen): Early warning/ });
    await until("it takes a press", async () => (await start.getAttribute("aria-disabled")) === "false");
    const { seq } = await room();
    await pointAt(page, start);
    await clickTwice(page, gap);
    await until("the item is on", async () => (await room()).agenda.items[0].state === "on");
    await until("the buttons have rested", async () => (await page.locator(".resting").count()) === 0);
    const events = await server.get(`/rooms/climate/events?after=${seq}`, chair);
    assert.deepEqual(
      events.map((e) => e.type).filter((type) => type.startsWith("agenda.")),
      ["agenda.started"],
      `${gap} ms`,
    );
    await server.post("/rooms/climate/agenda/climate-1/end", {}, chair);
    await until(
      "the page knows",
      async () => (await page.getByRole("button", { name: /^Reopen: Early warning/ }).count()) === 1,
    );
  }
  await server.post("/rooms/climate/agenda/climate-1/start", {}, chair);
  await shown("plan-not-followed", /The speaking order is “First come, first served”/);
  await server.call("PATCH", "/rooms/climate/floor", { body: { policy: "agreed" }, token: chair });
  await until(
    "nothing stands against the plan",
    async () => (await page.getByTestId("plan-not-followed").count()) === 0,
  );
});

test("the chair puts the planned speakers on the list, and postpones an item by minutes and to the end", async () => {
  await page.getByRole("button", { name: "Put the planned speakers on the list: Rivers" }).click();
  await shown("agenda-desk", /Planned to speak: Seoul delegate/);
  await until("Seoul is on the list", async () =>
    (await room()).floor.requests.some(({ beneficiary, state }) => beneficiary === "seoul-1" && state === "accepted"),
  );
  await until("the page says so", async () =>
    /Planned speakers put on the list: 1\./.test(
      await page
        .locator("p.notice")
        .innerText()
        .catch(() => ""),
    ),
  );

  const postpone = page.getByRole("combobox", { name: "Postpone: Rivers" });
  await postpone.selectOption("by 15 min");
  const due = await until(
    "it is due later",
    async () => (await room()).agenda.items.find(({ title }) => title === "Rivers").due,
  );
  assert.equal(new Date(due).toISOString(), "2021-10-12T02:55:00.000Z");
  await shown("band-line", /Postponed by 15 minutes: Rivers/);
  assert.equal(await postpone.inputValue(), "", "the choice is free again");
  await postpone.selectOption("to the end of the agenda");
  await until(
    "it comes last",
    async () => (await room()).agenda.items.map(({ title }) => title).join() === "Early warning,Closing,Rivers",
  );
  await shown("agenda-desk", /Early warning[^]*Closing[^]*Rivers/);
  assert.deepEqual(page.problems, []);
});
