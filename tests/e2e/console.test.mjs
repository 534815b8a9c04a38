// A whole debate, chaired by keyboard alone: the list, the order, grants, points of order, the chair's priority, an
// absent delegate, a decision. The others are seated without a browser; what counts is what the server has.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { installDevices, people, startChromium, takeSeat } from "./lib/browser.mjs";
import { awake, focused, press, reach } from "./lib/keyboard.mjs";
import { Participant } from "./lib/participant.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const conference = `${conferenceFile({ floor: 'list = "not_open"' })}
[[person]]
id = "moderator-2"
name = "Deputy moderator"
role = "moderator"

[[person]]
id = "clerk-1"
name = "Clerk"
role = "clerk"

[[item]]
room = "climate"
title = "Early warning"
kind = "debate"
starts = 2021-10-12T10:00:00
minutes = 40
`;

let server, browser, page, chair, tokyo, seoul, delhi;

const floor = () => server.get("/rooms/climate/floor", chair);
const room = () => server.get("/rooms/climate", chair);
const order = async () =>
  (await floor()).requests
    .filter((r) => r.position)
    .sort((a, b) => a.position - b.position)
    .map((r) => r.beneficiary);
const held = async () => (await floor()).granted[0]?.beneficiary ?? null;
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
  // High enough for three entries: a drag does not scroll.
  await page.setViewportSize({ width: 1280, height: 1100 });
  [tokyo, seoul, delhi] = await Promise.all(
    ["tokyo-1", "seoul-1", "delhi-1"].map((person) => Participant.join(server, person)),
  );
});

after(async () => {
  for (const seat of [tokyo, seoul, delhi]) seat?.close();
  await browser?.close();
  await server?.close();
});

test("the first Tab offers to skip to the main action", async () => {
  await page.keyboard.press("Tab");
  assert.match((await focused(page)).name, /Skip to the main action/);
  await page.keyboard.press("Enter");
  assert.match((await focused(page)).name, /Nobody is next/);
});

test("the list is opened", async () => {
  assert.equal((await floor()).list.state, "not_open");
  await press(page, /^Open the list/);
  await until("the list is open", async () => (await floor()).list.state === "open");
});

test("the agenda's item is started from its tab", async () => {
  await reach(page, /^Order/);
  await page.keyboard.press("ArrowRight");
  await press(page, /^Start: Early warning/);
  await until("the item is on", async () => (await room()).agenda.items[0].state === "on");
  await shown("agenda-strip", /On now Early warning/);
  await reach(page, /^Agenda$/);
  await page.keyboard.press("Home");
  assert.match((await focused(page)).name, /^Order/);
});

test("requests are added to the list", async () => {
  for (const [seat, name] of [
    [tokyo, "Tokyo"],
    [seoul, "Seoul"],
    [delhi, "Delhi"],
  ]) {
    await seat.requestFloor();
    await page.getByRole("button", { name: `Add to list: ${name} delegate` }).waitFor();
    await press(page, new RegExp(`^Add to list: ${name}`));
    await until(`${name} is listed`, async () => (await order()).includes(`${name.toLowerCase()}-1`));
  }
  assert.deepEqual(await order(), ["tokyo-1", "seoul-1", "delhi-1"]);
});

test("an entry is moved by arrow keys and by buttons, keeps the focus, and shows that the chair moved it", async () => {
  await reach(page, /^Delhi delegate, 3rd/);
  await page.keyboard.press("ArrowUp");
  await until("Delhi is second", async () => (await order())[1] === "delhi-1");
  await until("the focus went along", async () => /^Delhi delegate, 2nd/.test((await focused(page))?.name ?? ""));
  await awake(page);
  await page.keyboard.press("ArrowUp");
  await until("Delhi is first", async () => (await order())[0] === "delhi-1");
  // The console acts on what it shows, so the test waits for that, not only for the server.
  await until("the focus went along again", async () => /^Delhi delegate, 1st/.test((await focused(page))?.name ?? ""));
  await shown("entry-delhi-1", /Moved by the chair/);
  await press(page, /^Move down: Delhi/);
  await until("Delhi is second again", async () => (await order())[1] === "delhi-1");
  await page.getByRole("button", { name: /^Delhi delegate, 2nd/ }).waitFor();
  await until("the button kept the focus", async () => /^Move down: Delhi/.test((await focused(page))?.name ?? ""));
  await press(page, /^Move up: Delhi/);
  await until("Delhi is first again", async () => (await order())[0] === "delhi-1");
});

test("an entry is moved by dragging", async () => {
  const entry = (person) => page.getByTestId(`entry-${person}`);
  const listed = () =>
    page
      .getByTestId("order-list")
      .locator("li")
      .evaluateAll((all) => all.map((each) => each.dataset.testid.replace("entry-", "")));
  const drag = async (person, onto, wanted) => {
    await entry(person).dragTo(entry(onto), { sourcePosition: { x: 24, y: 24 }, targetPosition: { x: 120, y: 10 } });
    await until(
      wanted.join(", "),
      async () => (await order()).join() === wanted.join() && (await listed()).join() === wanted.join(),
    );
  };
  await until("the page shows the order", async () => (await listed()).join() === (await order()).join());
  await drag("seoul-1", "delhi-1", ["seoul-1", "delhi-1", "tokyo-1"]);
  await drag("delhi-1", "seoul-1", ["delhi-1", "seoul-1", "tokyo-1"]);
  await drag("tokyo-1", "seoul-1", ["delhi-1", "tokyo-1", "seoul-1"]);
  await page.keyboard.press("Tab"); // from the mouse back to the keyboard
});

test("Next names the delegate whom it calls, and gives the floor", async () => {
  await press(page, /^Next: Delhi delegate/);
  await until("Delhi has the floor", async () => (await held()) === "delhi-1");
  await shown("holder", /Delhi delegate/);
});

test("the speech is extended, paused and resumed, and the microphone muted", async () => {
  const before = (await floor()).speech.limit_ms;
  await press(page, /^Extend by 2 min/);
  await until("two minutes more", async () => (await floor()).speech.limit_ms === before + 120_000);
  await press(page, /^Pause$/);
  await until("paused", async () => (await floor()).granted[0].substate === "suspended");
  await press(page, /^Resume$/);
  await until("live", async () => (await floor()).granted[0].substate === "live");
  await press(page, /^Mute$/);
  await until("muted", async () => (await room()).participants.some((p) => p.person === "delhi-1" && p.muted));
  await press(page, /^Unmute$/);
});

test("a point of order comes above everything and is overruled with a reason; the speech goes on", async () => {
  await seoul.command("floor.request", { kind: "point_of_order", info: "Off the item." });
  await shown("point-of-order", /Seoul delegate raises a point of order/);
  await until("the speech is suspended", async () => (await floor()).granted[0].substate === "suspended");
  await press(page, /^Overrule: Seoul delegate, with a reason/);
  await until("the field for the reason has the focus", async () => /^Reason$/.test((await focused(page))?.name ?? ""));
  await page.keyboard.type("It is within the item.");
  // The point of order has changed the order a moment ago, and the form's button rests with the others.
  await until(
    "the form takes a press",
    async () => (await page.locator("form.word button").getAttribute("aria-disabled")) !== "true",
  );
  await page.keyboard.press("Enter");
  await until("the speech goes on", async () => (await floor()).granted[0].substate === "live");
  await until("the point is gone", async () => (await page.getByTestId("point-of-order").count()) === 0);
  const events = await server.get("/rooms/climate/events?after=0", chair);
  assert.equal(events.find((e) => e.type === "floor.denied")?.reason, "It is within the item.");
});

test("a point of order is heard and then upheld; the speech goes on", async () => {
  const point = await seoul.command("floor.request", { kind: "point_of_order" });
  await shown("point-of-order", /Seoul delegate raises a point of order/);
  await press(page, /^Hear it: Seoul delegate/);
  await shown("point-of-order", /It is being heard/);
  await press(page, /^Uphold: Seoul delegate/);
  await until("the speech goes on", async () => (await floor()).granted[0].substate === "live");
  await until("the point is gone", async () => (await page.getByTestId("point-of-order").count()) === 0);
  const events = await server.get("/rooms/climate/events?after=0", chair);
  assert.equal(events.find((e) => e.type === "floor.released" && e.request.id === point.id)?.ruling, "upheld");
});

test("a refusal stands in the head of the console, which has a place for it", async () => {
  // Somebody else revokes while the console is about to: what it acts on is gone by then.
  await page.evaluate(() => {
    window.__send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (text) {
      window.__send.call(this, text.replace(/"request":"r\d+"/, '"request":"r999"'));
    };
  });
  await press(page, /^Extend by 1 min/);
  await shown("console-refusal", /There is no request r999/);
  await page.evaluate(() => (WebSocket.prototype.send = window.__send));
});

test("the chair's priority lasts as long as the key is held", async () => {
  await reach(page, /^Hold for chair priority/);
  await awake(page);
  await page.keyboard.down(" ");
  await until("priority", async () => (await floor()).chair_priority);
  await page.keyboard.up(" ");
  await until("no priority", async () => !(await floor()).chair_priority);
});

test("a delegate who was never seated is named in the list and in a refusal", async () => {
  await server.post("/rooms/climate/floor/requests", { beneficiary: "taipei-1" }, await server.token("clerk-1"));
  await shown("entry-taipei-1", /Taipei delegate/);
  // The rules let nobody be replaced: what the button does stands on it.
  await reach(page, /^Call next, after Delhi: Taipei delegate$/);
  await press(page, /^Pause$/);
  await press(page, /^Grant now: ends Delhi’s speech: Taipei delegate$/);
  await shown("console-refusal", /Taipei delegate is not connected\./);
  await press(page, /^Resume$/);
  await until(
    "the refusal goes with its reason",
    async () => (await page.getByTestId("console-refusal").count()) === 0,
  );
  assert.doesNotMatch(await page.locator("body").innerText(), /taipei-1/);
  await press(page, /^Deny: Taipei delegate$/);
  await until("denied", async () => !(await floor()).requests.some((r) => r.beneficiary === "taipei-1"));
});

test("the chair is asked about an absent holder: waits, is asked again, passes over, and recalls with the remaining time", async () => {
  const grace = (ms) =>
    server.call("PATCH", "/rooms/climate/floor", { body: { reconnect_grace_ms: ms }, token: chair });
  await grace(1_000);
  delhi.close();
  await shown("absent-question", /Delhi delegate is still disconnected/);
  await press(page, /^Wait another 1 s: Delhi delegate$/);
  // On a slow machine the question may be asked again before its buttons are gone.
  await until("the focus is not lost with the buttons", () =>
    page.evaluate(
      () => document.activeElement?.closest('[data-testid="head-notice"], [data-testid="absent-question"]') !== null,
    ),
  );
  const events = () => server.get("/rooms/climate/events?after=0", chair);
  await until("the wait is on the record", async () =>
    (await events()).some((e) => e.type === "floor.waiting" && e.by === "moderator-1"),
  );
  await until("asked again", async () => (await events()).filter((e) => e.type === "floor.absent").length === 2);
  await shown("absent-question", /Delhi delegate is still disconnected/);
  await press(page, /^Pass over, keep the remaining time: Delhi delegate$/);
  const passed = await until("Delhi is passed", async () =>
    (await floor()).requests.find((r) => r.beneficiary === "delhi-1" && r.substate === "passed"),
  );
  assert.ok(passed.left_ms > 0);
  await grace(30_000);
  delhi = await Participant.join(server, "delhi-1");
  await press(page, /^Recall: Delhi delegate/);
  await until("Delhi is first", async () => (await order())[0] === "delhi-1");
  await press(page, /^Next: Delhi delegate/);
  await until("Delhi goes on", async () => (await held()) === "delhi-1");
  assert.equal((await floor()).speech.limit_ms, passed.left_ms);
});

test("an absent delegate is seen before being called, passed over by Next, and recalled to a position", async () => {
  tokyo.close();
  await shown("entry-tokyo-1", /Disconnected/);
  await until("Next says whom it passes over", async () =>
    /will be passed over: Tokyo delegate/.test(await page.locator("#main-action").innerText()),
  );
  await press(page, /^Next: Seoul delegate/);
  await until("Seoul has the floor", async () => (await held()) === "seoul-1");
  await until("Tokyo is passed", async () =>
    (await floor()).requests.some((r) => r.beneficiary === "tokyo-1" && r.substate === "passed"),
  );
  tokyo = await Participant.join(server, "tokyo-1");
  await press(page, /^Recall: Tokyo delegate/);
  await until("Tokyo is first", async () => (await order())[0] === "tokyo-1");
});

test("the floor is revoked, the list closed, and a question put to the meeting", async () => {
  await press(page, /^Revoke: Seoul delegate$/);
  await until("nobody has the floor", async () => (await held()) === null);
  await press(page, /^Close the list/);
  await until("closed", async () => (await floor()).list.state === "closed");
  await reach(page, /^Order/);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await reach(page, /Question to the meeting/);
  await page.keyboard.type("Meet in Delhi next year?");
  await page.keyboard.press("Enter");
  await shown("open-decision", /Meet in Delhi next year\?/);
  const [decision] = (await room()).decisions;
  await tokyo.command("decision.object", { decision: decision.id, reason: "The dates overlap." });
  await shown("open-decision", /Tokyo objects\s*“?The dates overlap/);
  await press(page, /^Close and declare/);
  await until("decided", async () => (await room()).decisions[0].result === "objected");
  await shown("decisions", /Objected to/);
});

test("a clerk asks on behalf of a delegate, and withdraws the request", async () => {
  await server.post("/rooms/climate/floor/list/reopen", {}, chair);
  const clerk = await browser.context.newPage();
  await clerk.goto(await server.link("clerk-1"));
  await clerk.getByTestId("room-climate").click();
  await clerk.getByTestId("take-seat").click();
  const desk = clerk.getByTestId("clerk-desk");
  await desk.getByRole("combobox", { name: "On whose behalf" }).selectOption("seoul-1");
  await desk.getByRole("button", { name: "Ask for Seoul" }).click();
  const asked = await until("asked for Seoul", async () =>
    (await floor()).requests.find((r) => r.beneficiary === "seoul-1"),
  );
  assert.equal(asked.requested_by, "clerk-1");
  await desk.getByRole("button", { name: "Withdraw" }).click();
  await until("taken back", async () => !(await floor()).requests.some((r) => r.beneficiary === "seoul-1"));
  await clerk.close();
  await page.bringToFront();
});

test("a second moderator sees the same console, and is told who is in the chair", async () => {
  const deputy = await browser.context.newPage();
  await deputy.addInitScript(installDevices, people["moderator-1"]);
  await deputy.goto(await server.link("moderator-2"));
  await deputy.getByTestId("room-climate").click();
  await deputy.getByTestId("take-seat").click();
  await deputy.getByTestId("console").waitFor();
  await until("the deputy is told who is in the chair", async () =>
    /Moderator is in the chair/.test(await deputy.getByTestId("console-head").innerText()),
  );
  assert.ok(
    await deputy
      .getByTestId("entry-tokyo-1")
      .getByRole("button", { name: /^Pass over/ })
      .isDisabled(),
  );
  await reach(page, /^(Order|Decisions)/);
  await page.keyboard.press("End");
  for (const _ of ["rules", "people"]) await page.keyboard.press("ArrowLeft");
  await press(page, /^Hand over the chair: Deputy moderator/);
  await until("the deputy chairs", async () => (await floor()).chair === "moderator-2");
  await until("and may act", async () =>
    deputy
      .getByTestId("entry-tokyo-1")
      .getByRole("button", { name: /^Pass over/ })
      .isEnabled(),
  );
  await deputy.close();
  assert.deepEqual(page.problems, []);
});
