// The screen of a hall: a display link in a real browser. It shows the stage, the order, the clock and the vote without a
// control, in the languages of the conference, and comes back by itself.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import {
  audiblePeople,
  colourOf,
  installDevices,
  isColourOf,
  people,
  startChromium,
  takeSeat,
} from "./lib/browser.mjs";
import { Participant } from "./lib/participant.mjs";
import { conferenceFile, Server } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const OUT = new URL("../out/", import.meta.url).pathname;

const item = (title, minute, kind) => `
[[item]]
room = "climate"
title = "${title}"
kind = "${kind}"
starts = 2021-10-12T10:${minute}:00
minutes = 20
`;
const conference =
  conferenceFile({ floor: 'limit = "8m"' }) +
  item("Tokyo: climate change and local government", "00", "presentations") +
  item("Discussion", "20", "debate");

let server, browser, chair, tokyo, hall;

const openHall = async (link, viewport = { width: 1920, height: 1080 }) => {
  const page = await browser.context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  await page.addInitScript(installDevices, people["moderator-1"]);
  await page.setViewportSize(viewport);
  await page.goto(link);
  await page.getByTestId("hall").waitFor();
  return page;
};
const say = (path, body = {}) => server.post(`/rooms/climate/${path}`, body, chair);
const ask = async (person, kind = "statement") =>
  server.post("/rooms/climate/floor/requests", { kind }, await server.token(person));
const grant = async (person) => {
  const { id } = await ask(person);
  await say(`floor/requests/${id}/grant`);
  return id;
};
const speaks = async (page, person) => isColourOf(await colourOf(page, "hall-video"), person);
const language = (page) => page.evaluate(() => document.documentElement.lang);
const clockText = async (page) => page.getByTestId("hall-clock").locator("b").innerText();

before(async () => {
  await mkdir(OUT, { recursive: true });
  server = await Server.start({ conference });
  browser = await startChromium();
  chair = await server.token("moderator-1");
  tokyo = await takeSeat(browser, server, "tokyo-1");
  await server.post("/rooms/climate/chair/take", {}, chair).catch(() => undefined);
  hall = await openHall(await server.displayLink("--language", "en"));
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("a display has no control, no pointer and no place in the room", async () => {
  assert.equal(await hall.locator("button, input, select, a, textarea").count(), 0);
  assert.equal(await hall.evaluate(() => getComputedStyle(document.querySelector(".hall")).cursor), "none");
  const { participants } = await server.get("/rooms/climate", chair);
  assert.deepEqual(
    participants.map(({ person }) => person),
    ["tokyo-1"],
  );
  const health = await server.get("/rooms/climate/health", await server.token("operator-1"));
  assert.equal(health.displays.length, 1);
  const operator = await browser.context.newPage();
  await operator.goto(await server.link("operator-1"));
  await until("the operators see the screen", async () =>
    /Climate Changes.*\s*1 connected\s*since \d\d:\d\d/.test(await operator.getByTestId("displays").innerText()),
  );
  await operator.close();
  assert.ok(!hall.url().includes("#"), "the secret is in no picture of the address");
});

test("it shows the speaker with picture, sound, city and clock, and the order with the next cities", async () => {
  const seoul = await ask("seoul-1");
  await say(`floor/requests/${seoul.id}/accept`);
  const id = await grant("tokyo-1");
  await until("the hall sees Tokyo", () => speaks(hall, "tokyo-1"));
  await until("and hears Tokyo", async () => (await audiblePeople(hall)).includes("tokyo-1"));
  assert.equal(await hall.getByTestId("hall-who").innerText(), "Tokyo");
  await until("the clock runs", async () => /^.?\s*7:\d\d$/.test((await clockText(hall)).trim()));
  assert.match(await hall.getByTestId("hall-order").innerText(), /Seoul/);
  for (const [name, size] of [
    ["1080p", { width: 1920, height: 1080 }],
    ["4k", { width: 3840, height: 2160 }],
    ["upright", { width: 1080, height: 1920 }],
  ]) {
    await hall.setViewportSize(size);
    await hall.screenshot({ path: `${OUT}hall-speech-${name}.png` });
    const share = await hall.evaluate(
      () => document.querySelector(".hall-clock b").getBoundingClientRect().height / innerHeight,
    );
    if (name !== "upright") assert.ok(share > 0.15, `the clock has ${share} of the height at ${name}`);
    const overflows = await hall.evaluate(
      () => document.documentElement.scrollHeight > innerHeight || document.documentElement.scrollWidth > innerWidth,
    );
    assert.ok(!overflows, name);
  }
  await hall.setViewportSize({ width: 1920, height: 1080 });
  await say(`floor/requests/${id}/revoke`);
  await until("the picture is gone", async () => (await colourOf(hall, "hall-video")) === null);
  await until("the sound is gone", async () => (await audiblePeople(hall)).length === 0);
});

test("its languages take turns, or the link names one", async () => {
  const chinese = await openHall(await server.displayLink("--language", "zh-Hant-TW"));
  await until("Chinese", async () => (await language(chinese)) === "zh-Hant-TW");
  await until("Chinese words", async () => (await chinese.locator(".hall-order h2").innerText()).includes("發言順序"));
  await chinese.screenshot({ path: `${OUT}hall-zh.png` });
  const both = await openHall(await server.displayLink());
  const first = await language(both);
  assert.equal(first, "en");
  await until("the other language", async () => (await language(both)) === "zh-Hant-TW", 40_000);
  await until("and the first again", async () => (await language(both)) === "en", 40_000);
  assert.equal(await language(chinese), "zh-Hant-TW");
  await both.close();
  await chinese.close();
});

test("a question is shown with its votes, and then with its result", async () => {
  const delegates = await Promise.all(["seoul-1", "delhi-1"].map((person) => Participant.join(server, person)));
  const moderator = await Participant.join(server, "moderator-1");
  const { id: decision } = await moderator.command("decision.open", {
    kind: "roll_call",
    question: "Shall the joint declaration of the cities be adopted as circulated?",
  });
  for (const delegate of delegates) await delegate.command("decision.vote", { decision, choice: "yes" });
  const tally = hall.getByTestId("tally");
  await until("two votes", async () => /Yes\s*2/.test(await tally.innerText()));
  await hall.screenshot({ path: `${OUT}hall-vote.png` });
  await moderator.command("decision.close", { decision });
  await hall.getByTestId("hall-result").waitFor();
  assert.equal(await hall.getByTestId("hall-result").innerText(), "Adopted");
  await hall.screenshot({ path: `${OUT}hall-result.png` });
  [...delegates, moderator].forEach((each) => each.close());
});

test("a lost connection is said, and a restarted server brings the room back without a hand", async () => {
  await grant("tokyo-1");
  await until("the hall sees Tokyo", () => speaks(hall, "tokyo-1"));
  await server.stop();
  await hall.getByTestId("hall-lost").waitFor();
  await hall.screenshot({ path: `${OUT}hall-lost.png` });
  await server.restart();
  chair = await server.token("moderator-1");
  await hall.getByTestId("hall-lost").waitFor({ state: "detached", timeout: 60_000 });
  await until("the hall sees Tokyo again", () => speaks(hall, "tokyo-1"), 60_000);
});

test("nothing adds up on the screen, however many speeches it shows", async () => {
  const inspector = await browser.context.newCDPSession(hall);
  const measure = async () => {
    await inspector.send("HeapProfiler.collectGarbage");
    const { usedSize } = await inspector.send("Runtime.getHeapUsage");
    const { nodes } = await inspector.send("Memory.getDOMCounters");
    return { usedSize, nodes };
  };
  const holder = (await server.get("/rooms/climate/floor", chair)).granted[0];
  if (holder) await say(`floor/requests/${holder.id}/revoke`);
  const speeches = async (count) => {
    for (let n = 0; n < count; n += 1) await say(`floor/requests/${await grant("tokyo-1")}/revoke`);
    await hall.getByTestId("hall-clock").waitFor({ state: "detached" });
  };
  await speeches(15);
  const before = await measure();
  await speeches(45);
  const now = await measure();
  assert.ok(now.nodes < before.nodes + 200, `${before.nodes} → ${now.nodes} nodes`);
  assert.ok(now.usedSize < before.usedSize * 1.25 + 500_000, `${before.usedSize} → ${now.usedSize} bytes`);
  assert.deepEqual(hall.problems, []);
});

test("a withdrawn link ends the screen with a sentence", async () => {
  const operator = await server.token("operator-1");
  await server.call("DELETE", "/invitations/display:climate.1", { token: operator });
  await hall.getByText("Your invitation is no longer valid").waitFor();
});
