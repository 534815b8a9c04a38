// Two clicks with the mouse held still on every control that changes the order: one effect, whatever the time between
// them, and nothing of another entry slides under the pointer. Nothing of the console moves in an hour of a meeting.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chooseRoom, installDevices, people, startChromium, takeSeat } from "./lib/browser.mjs";
import { Participant } from "./lib/participant.mjs";
import { clickTwice, controlAt, pointAt } from "./lib/pointer.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const GAPS_MS = [50, 120, 400, 800];

const conference = `${conferenceFile({ floor: 'when_full = "override"\nmax_requests = 4', gallery: false })}
[[person]]
id = "moderator-2"
name = "Deputy moderator"
role = "moderator"

[[item]]
room = "climate"
title = "Early warning"
kind = "debate"
starts = 2021-10-12T10:00:00
minutes = 40
`;

let server, browser, page, chair;
const seats = {};

const floor = () => server.get("/rooms/climate/floor", chair);
const room = () => server.get("/rooms/climate", chair);
const act = (path, body = {}) => server.post(`/rooms/climate/${path}`, body, chair);
const events = async (seq) =>
  (await server.get(`/rooms/climate/events?after=${seq}`, chair)).filter((e) => e.by === "moderator-1");
const requestOf = async (person) =>
  [...(await floor()).requests, ...(await floor()).granted].find(
    (r) => r.beneficiary === person && r.kind !== "point_of_order",
  );
const inRow = (person, name) => page.getByTestId(`entry-${person}`).getByRole("button", { name });

before(async () => {
  server = await Server.start({ conference });
  browser = await startChromium();
  chair = await server.token("moderator-1");
  page = await takeSeat(browser, server, "moderator-1");
  await page.setViewportSize({ width: 1440, height: 1300 });
  for (const person of ["taipei-1", "tokyo-1", "seoul-1", "delhi-1"])
    seats[person] = await Participant.join(server, person);
});

after(async () => {
  for (const seat of Object.values(seats)) seat.close();
  await browser?.close();
  await server?.close();
});

/** Ends everything, and sets the floor up anew; the page shows it, and its buttons have rested. */
async function arrange({ holder, listed = [], pending = [], passed = [], list = "open" } = {}) {
  const now = await floor();
  for (const { id } of now.granted) await act(`floor/requests/${id}/revoke`);
  for (const { id } of now.requests.filter((r) => r.state !== "granted")) await act(`floor/requests/${id}/deny`);
  if (now.list.state === "adjourned") await act("floor/list/resume");
  if ((await floor()).list.state !== "open" || (await floor()).list.closes_at) await act("floor/list/reopen");
  for (const person of [...(holder ? [holder] : []), ...listed, ...passed, ...pending])
    await seats[person].requestFloor();
  const id = async (person) => (await requestOf(person)).id;
  if (holder) await act(`floor/requests/${await id(holder)}/grant`);
  for (const person of [...listed, ...passed]) await act(`floor/requests/${await id(person)}/accept`);
  for (const person of passed) await act(`floor/requests/${await id(person)}/pass`);
  if (list === "closed") await act("floor/list/close");
  // Away from every row: rows are held while the pointer is over them.
  await page.mouse.move(5, 5);
  await until("the page shows it", async () => {
    const rows = await page
      .locator("[data-testid^=entry-]")
      .evaluateAll((all) => all.map((each) => each.dataset.testid.slice("entry-".length)));
    return (
      rows.join() === [...listed, ...pending, ...passed].join() &&
      (await page.getByTestId("holder").count()) === (holder ? 1 : 0)
    );
  });
  await until("its buttons have rested", async () => (await page.locator(".resting").count()) === 0);
}

const full = { holder: "tokyo-1", listed: ["seoul-1", "delhi-1"], pending: ["taipei-1"] };

/** Every control that changes the order: where it is, and the events that one press causes. */
const controls = [
  { what: "Next", floor: full, at: () => page.getByTestId("next-button"), causes: ["floor.granted"] },
  {
    what: "Grant in the list",
    floor: full,
    at: () => inRow("seoul-1", /^Grant now: ends Tokyo’s speech/),
    causes: ["floor.granted"],
  },
  {
    what: "Grant of a pending request",
    floor: full,
    at: () => inRow("taipei-1", /^Grant now/),
    causes: ["floor.granted"],
  },
  {
    what: "Add to list",
    floor: { listed: ["seoul-1"], pending: ["taipei-1", "delhi-1"] },
    at: () => inRow("taipei-1", /^Add to list/),
    causes: ["floor.accepted"],
  },
  {
    what: "Place all",
    floor: { pending: ["taipei-1", "delhi-1"] },
    at: () => page.getByTestId("place-all"),
    causes: ["floor.accepted", "floor.accepted"],
  },
  { what: "Pass over", floor: full, at: () => inRow("seoul-1", /^Pass over/), causes: ["floor.passed"] },
  { what: "Deny", floor: full, at: () => inRow("seoul-1", /^Deny: Seoul delegate$/), causes: ["floor.denied"] },
  {
    what: "Deny of a pending request",
    floor: { pending: ["taipei-1", "delhi-1"] },
    at: () => inRow("taipei-1", /^Deny: Taipei delegate$/),
    causes: ["floor.denied"],
  },
  {
    what: "Recall",
    floor: { listed: ["seoul-1"], passed: ["delhi-1", "taipei-1"] },
    at: () => inRow("delhi-1", /^Recall/),
    causes: ["floor.recalled"],
  },
  {
    what: "Move up",
    floor: { listed: ["tokyo-1", "seoul-1", "delhi-1"] },
    at: () => inRow("delhi-1", /^Move up/),
    causes: ["floor.moved"],
  },
  {
    what: "Move down",
    floor: { listed: ["tokyo-1", "seoul-1", "delhi-1"] },
    at: () => inRow("tokyo-1", /^Move down/),
    causes: ["floor.moved"],
  },
  {
    what: "Revoke",
    floor: full,
    at: () => page.getByTestId("holder").getByRole("button", { name: /^Revoke: Tokyo delegate$/ }),
    causes: ["floor.revoked"],
  },
  {
    what: "Pause",
    floor: full,
    at: () => page.getByTestId("holder").getByRole("button", { name: /^Pause$/ }),
    causes: ["floor.suspended"],
  },
  {
    what: "Extend",
    floor: full,
    at: () => page.getByTestId("holder").getByRole("button", { name: /^Extend by 1 min/ }),
    causes: ["floor.extended"],
  },
  {
    what: "chair priority",
    floor: full,
    at: () => page.getByTestId("priority"),
    causes: ["chair.priority", "chair.priority"],
  },
  {
    what: "Close the list",
    floor: full,
    at: () => page.getByRole("button", { name: /^Close the list/ }),
    causes: ["list.closed"],
  },
  {
    what: "Reopen the list",
    floor: { ...full, list: "closed" },
    at: () => page.getByRole("button", { name: /^Reopen the list/ }),
    causes: ["list.reopened"],
  },
  {
    what: "Announce closing",
    floor: full,
    at: () => page.getByRole("button", { name: /^Announce closing/ }),
    causes: ["list.close_announced"],
  },
  {
    what: "Adjourn",
    floor: full,
    at: () => page.getByRole("button", { name: /^Adjourn/ }),
    causes: ["list.adjourned"],
  },
];

for (const { what, floor: set, at, causes } of controls) {
  test(`two clicks on ${what} have one effect`, async () => {
    for (const gap of GAPS_MS) {
      await arrange(set);
      const point = await pointAt(page, at());
      const under = await controlAt(page, point);
      const { seq } = await room();
      await clickTwice(page, gap);
      await until(
        `${what} has its effect`,
        async () => (await events(seq)).filter((e) => e.type === causes[0]).length >= causes.length,
      );
      await until("the buttons have rested", async () => (await page.locator(".resting").count()) === 0);
      const caused = (await events(seq)).filter((e) => causes.includes(e.type)).map((e) => e.type);
      assert.deepEqual(caused, causes, `two clicks ${gap} ms apart`);
      const now = await controlAt(page, point);
      assert.equal(now.row, under.row, `what lies under the pointer after two clicks ${gap} ms apart`);
      assert.deepEqual(now.box, under.box, `${what} has moved`);
    }
  });
}

test("two clicks on a ruling rule once, and the second hits no other control", async () => {
  for (const [ruling, causes] of [
    [/^Hear it/, "floor.granted"],
    [/^Uphold/, "floor.accepted"],
    [/^Overrule: Seoul delegate$/, "floor.denied"],
  ]) {
    for (const gap of GAPS_MS) {
      await arrange({ holder: "tokyo-1" });
      await seats["seoul-1"].command("floor.request", { kind: "point_of_order" });
      const point = await pointAt(page, page.getByTestId("point-of-order").getByRole("button", { name: ruling }));
      const { seq } = await room();
      await clickTwice(page, gap);
      await until("ruled", async () => (await events(seq)).some((e) => e.type === causes));
      await until("the buttons have rested", async () => (await page.locator(".resting").count()) === 0);
      assert.deepEqual(
        (await events(seq))
          .map((e) => e.type)
          .filter((type) =>
            ["floor.granted", "floor.accepted", "floor.denied", "floor.released", "floor.revoked"].includes(type),
          ),
        [causes],
        `two clicks ${gap} ms apart`,
      );
      const { row, control } = await controlAt(page, point);
      assert.ok(control === null || row === "point-of-order", `under the pointer: ${row}`);
      for (const { id } of (await floor()).requests.filter((r) => r.kind === "point_of_order"))
        await act(`floor/requests/${id}/deny`);
    }
  }
});

test("an order that another device changes moves no row under the pointer, and a click in its first second does nothing", async () => {
  await arrange({ listed: ["tokyo-1", "seoul-1", "delhi-1"], pending: ["taipei-1"] });
  const point = await pointAt(page, inRow("seoul-1", /^Deny: Seoul delegate$/));
  const under = await controlAt(page, point);
  const { seq } = await room();
  await act(`floor/requests/${(await requestOf("tokyo-1")).id}/deny`);
  await until("the page has heard of it", async () => (await page.locator(".resting").count()) > 0);
  await page.mouse.down();
  await page.mouse.up();
  await until("the buttons have rested", async () => (await page.locator(".resting").count()) === 0);
  assert.deepEqual(await controlAt(page, point), under);
  assert.equal((await events(seq)).filter((e) => e.type === "floor.denied").length, 1, "only the other device's");
  // The row still acts on its own entry, whose place is another now.
  await page.mouse.down();
  await page.mouse.up();
  const denied = await until(
    "Seoul is denied",
    async () => (await events(seq)).filter((e) => e.type === "floor.denied")[1],
  );
  assert.equal(denied.request.beneficiary, "seoul-1");
  assert.equal(await page.getByTestId("entry-tokyo-1").count(), 1, "its row stays while the pointer is over the list");
  await page.mouse.move(5, 5);
  await until(
    "and goes when the pointer has left",
    async () => (await page.getByTestId("entry-tokyo-1").count()) === 0,
  );
});

test("a delegate who asks and withdraws again and again keeps no button from being pressed", async () => {
  await arrange({ holder: "tokyo-1", listed: ["seoul-1"] });
  const resting = await page.evaluateHandle(() => {
    const seen = { times: 0 };
    new MutationObserver(() => (seen.times += document.querySelectorAll(".next.resting").length)).observe(
      document.body,
      { subtree: true, attributes: true, attributeFilter: ["class"] },
    );
    return seen;
  });
  for (let i = 0; i < 5; i++) {
    const { id } = await seats["delhi-1"].requestFloor();
    await seats["delhi-1"].command("floor.cancel", { request: id });
  }
  const { seq } = await room();
  await until("the page has heard of all", () =>
    page.evaluate(() => document.querySelectorAll("[data-testid=entry-delhi-1]").length === 0),
  );
  assert.equal(await resting.evaluate((seen) => seen.times), 0);
  await page.getByTestId("next-button").click();
  await until("Seoul has the floor", async () => (await events(seq)).some((e) => e.type === "floor.granted"));
});

test("a refused move to another room shows no room as chosen, and moves nothing", async () => {
  await arrange({ holder: "tokyo-1" });
  await page.locator("#tab-people").click();
  const boxes = () =>
    page.locator("[data-testid=people] li").evaluateAll((all) => all.map((each) => each.getBoundingClientRect().top));
  const before = await boxes();
  const choice = page.getByRole("combobox", { name: "Move Tokyo delegate to another room" });
  await choice.selectOption("covid");
  await page.getByTestId("console-refusal").waitFor();
  assert.equal(await choice.inputValue(), "");
  assert.deepEqual(await boxes(), before);
  await act(`floor/requests/${(await requestOf("tokyo-1")).id}/revoke`);
  await until(
    "the refusal goes with its reason",
    async () => (await page.getByTestId("console-refusal").count()) === 0,
  );
  await page.locator("#tab-order").click();
});

test("two tabs of one moderator that press Next at once call one speaker", async () => {
  await arrange({ holder: "tokyo-1", listed: ["seoul-1", "delhi-1", "taipei-1"] });
  const other = await browser.context.newPage();
  await other.goto(await server.link("moderator-1"));
  await chooseRoom(other);
  await until(
    "both show who is next",
    async () =>
      /Seoul/.test(await other.getByTestId("next-button").innerText()) &&
      (await other.locator(".resting").count()) === 0,
  );
  const { seq } = await room();
  await Promise.all([page, other].map((each) => each.getByTestId("next-button").click({ force: true })));
  await until("somebody is called", async () => (await events(seq)).some((e) => e.type === "floor.granted"));
  await until(
    "both have rested",
    async () => (await page.locator(".resting").count()) + (await other.locator(".resting").count()) === 0,
  );
  assert.deepEqual(
    (await events(seq)).filter((e) => e.type === "floor.granted").map((e) => e.request.beneficiary),
    ["seoul-1"],
  );
  await other.close();
});

/** Runs in the page: presses *Next* as soon as it rests, because it does so for a second only. */
const pressWhenResting = () =>
  new Promise((done) => {
    const observer = new MutationObserver(() => {
      const button = document.querySelector('[data-testid="next-button"]');
      if (!button?.classList.contains("resting")) return;
      observer.disconnect();
      button.click();
      done();
    });
    observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ["class"] });
  });

test("a second moderator's console takes no press before it has rested with the chair in hand", async () => {
  await arrange({ holder: "tokyo-1", listed: ["seoul-1", "delhi-1"] });
  const deputy = await browser.context.newPage();
  await deputy.addInitScript(installDevices, people["moderator-1"]);
  await deputy.goto(await server.link("moderator-2"));
  await chooseRoom(deputy);
  const next = deputy.getByTestId("next-button");
  assert.equal(await next.getAttribute("aria-disabled"), "true");
  await next.click({ force: true }); // Playwright waits for no control that is aria-disabled
  const pressed = deputy.evaluate(pressWhenResting);
  await act("chair/hand_over", { to: "moderator-2" });
  await pressed;
  await until("the deputy may act", async () => (await next.getAttribute("aria-disabled")) === "false");
  assert.equal((await floor()).granted[0].beneficiary, "tokyo-1", "no click has called anybody");
  await next.click();
  await until("Seoul is called", async () => (await floor()).granted[0].beneficiary === "seoul-1");
  await server.post("/rooms/climate/chair/hand_over", { to: "moderator-1" }, await server.token("moderator-2"));
  await until("the chair is back", async () => (await floor()).chair === "moderator-1");
  await deputy.close();
  await page.bringToFront();
});

test("Back asks before it leaves, and changes nothing of the order", async () => {
  await arrange(full);
  const { seq } = await room();
  await page.goBack();
  await page.getByRole("button", { name: "Stay in the room" }).click();
  assert.deepEqual(await events(seq), []);
  assert.match(await page.getByTestId("next-button").innerText(), /Seoul/);
  assert.deepEqual(page.problems, []);
});
