// The page of each role: the seat page with its one button in view, and a room that offers nothing that the role may not do.

import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { installDevices, people, startChromium } from "./lib/browser.mjs";
import { Participant } from "./lib/participant.mjs";
import { closeMenus, openMenu } from "./lib/room-page.mjs";
import { conferenceFile, Server } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const OUT = new URL("../out/", import.meta.url).pathname;
const PHONE = { width: 390, height: 844 };

const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
const item = (room, title, time, kind = "presentations", speakers = "") => `
[[item]]
room = "${room}"
title = "${title}"
kind = "${kind}"
starts = ${day}T${time}:00
minutes = 45
speakers = [${speakers}]
`;
const staff = [
  ["clerk-1", "Clerk of the meeting", "clerk"],
  ["interpreter-1", "Interpreter", "interpreter"],
  ["viewer-1", "Observer of the press", "viewer"],
]
  .map(([id, name, role]) => `[[person]]\nid = "${id}"\nname = "${name}"\nrole = "${role}"\n`)
  .join("");
const conference =
  conferenceFile()
    .replace('[[room]]\nid = "climate"', `${staff}\n[[room]]\nid = "climate"`)
    .replace(/starts = 2021-10-12\nends = 2021-10-14/, `starts = ${day}\nends = ${day}`) +
  item("climate", "Opening address by the deputy mayor", "09:00", "address", '"taipei-1"') +
  item("climate", "Tokyo: floods and the city", "10:00", "presentations", '"tokyo-1"') +
  item("climate", "Seoul and Delhi: heat", "11:00", "presentations", '"seoul-1", "delhi-1"') +
  item("climate", "Discussion", "13:00", "debate") +
  item("covid", "Delhi: the second wave", "09:30", "presentations", '"delhi-1"');

const EXAMPLE = new URL("../../config/conferences/cmc-2021.toml", import.meta.url);
/** Names and codes that a Chinese text has in Latin letters too, and the names of the browser's own fake devices. */
const LATIN_IN_CHINESE =
  /^(Plenary|COVID|UDP|TCP|ICE|GMT|UTC|s|ms|kbit|Mbit|MB|GB|md|csv|json|English|Fake|fake|device|Default|Audio|Input|Output|F|P|C)$/;

let server, browser, chair;

/** Every word in Latin letters that the page shows, or says to a screen reader. A text in a language of its own is none. */
const latinWords = (page) =>
  page.evaluate(() => {
    const foreign = (element) => element.closest("[lang]")?.lang !== document.documentElement.lang;
    const texts = [];
    for (const element of document.body.querySelectorAll("*")) {
      if (!element.checkVisibility() || foreign(element)) continue;
      texts.push(
        ...[...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data),
      );
      texts.push(...["aria-label", "title", "placeholder", "alt"].map((name) => element.getAttribute(name) ?? ""));
    }
    // Codes: the name of a time zone, and the hash of a record.
    const words = texts.map((text) => text.replace(/[A-Z][a-z]+\/[A-Z]\w+|\b[0-9a-f]{12}\b/g, ""));
    return [...new Set(words.flatMap((text) => text.match(/[A-Za-z]+/g) ?? []))];
  });

const open = async (person, { viewport = { width: 1280, height: 800 }, language = "en", of = server } = {}) => {
  const page = await browser.context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  await page.addInitScript((tag) => localStorage.setItem("plenary.language", tag), language);
  await page.addInitScript(installDevices, people[person] ?? { colour: [90, 90, 90], tone: 300 });
  await page.setViewportSize(viewport);
  await page.goto(await of.link(person));
  return page;
};
const enter = async (page) => {
  await page.getByTestId("take-seat").click();
  await page.getByTestId("shell").waitFor();
  return page;
};
/** Whether the whole of an element is in the window, without a scroll. */
const inView = (page, testId) =>
  page.getByTestId(testId).evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return scrollY === 0 && top >= 0 && bottom <= innerHeight;
  });

before(async () => {
  await mkdir(OUT, { recursive: true });
  server = await Server.start({ conference });
  browser = await startChromium();
  chair = await server.token("moderator-1");
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("the seat page has its one button in view, on a desk and on a phone, and a phone scrolls less than two screens", async () => {
  for (const person of ["tokyo-1", "moderator-1", "clerk-1", "interpreter-1", "viewer-1"]) {
    for (const [name, viewport] of [
      ["wide", { width: 1280, height: 800 }],
      ["phone", PHONE],
    ]) {
      for (const language of ["en", "zh-Hant-TW"]) {
        const page = await open(person, { viewport, language });
        await page.getByTestId("take-seat").waitFor();
        await until(
          "the network is checked",
          async () => !/Testing|正在測試/.test(await page.getByTestId("network").innerText()),
        );
        await page.screenshot({ path: `${OUT}seat-${person}-${name}-${language}.png`, fullPage: true });
        assert.ok(await inView(page, "take-seat"), `${person} ${name} ${language}`);
        const screens = await page.evaluate(() => document.documentElement.scrollHeight / innerHeight);
        assert.ok(screens < 3, `${person} ${name} ${language}: ${screens} screens`);
        assert.deepEqual(page.problems, []);
        await page.close();
      }
    }
  }
});

test("the own items and those of the own city are marked, and the room that is on is chosen", async () => {
  const token = await server.token("tokyo-1");
  const { agenda } = await server.get("/conference", token);
  const second = agenda.find(({ room, title }) => room === "covid" && title.startsWith("Delhi"));
  await server.post(`/rooms/covid/agenda/${second.id}/start`, {}, chair);
  const delhi = await open("delhi-1");
  await delhi.getByTestId("own-agenda").getByText("You speak").first().waitFor();
  await until(
    "the room that is on is chosen",
    async () => (await delhi.getByTestId("room-covid").getAttribute("aria-pressed")) === "true",
  );
  assert.match(await delhi.getByText("Mirrored for you only").innerText(), /right way round/);
  await server.post(`/rooms/covid/agenda/${second.id}/end`, {}, chair);
  await delhi.close();
});

test("a clerk asks on behalf of delegations, and only for what is admissible", async () => {
  const seoul = await enter(await open("seoul-1"));
  const clerk = await enter(await open("clerk-1"));
  const main = clerk.getByTestId("main-button");
  await main.waitFor();
  assert.match(await main.innerText(), /on behalf/i);
  await main.click();
  const desk = clerk.getByTestId("clerk-desk");
  await desk.getByRole("button", { name: "Ask for Seoul" }).click();
  await desk.locator(".entry").first().waitFor();
  const { requests } = await server.get("/rooms/climate/floor", chair);
  assert.deepEqual(
    requests.map(({ beneficiary, requested_by }) => [beneficiary, requested_by]),
    [["seoul-1", "clerk-1"]],
  );
  const kinds = await desk.getByLabel("Type of request").locator("option").allInnerTexts();
  assert.ok(!kinds.includes("Statement") && !kinds.includes("Right of reply"), kinds.join());
  await clerk.screenshot({ path: `${OUT}room-clerk.png` });
  await desk.getByRole("button", { name: "Withdraw" }).click();
  await until("withdrawn", async () => (await server.get("/rooms/climate/floor", chair)).requests.length === 0);
  await seoul.close();
  await clerk.close();
});

test("a viewer and an operator are offered nothing to press that they may not do", async () => {
  for (const person of ["viewer-1", "operator-1"]) {
    const page = await open(person);
    if (person === "operator-1") await page.getByTestId("health").waitFor();
    if (person === "operator-1") await page.getByTestId("to-seat").click();
    await enter(page);
    await page.getByTestId("main-button").waitFor();
    assert.equal(await page.getByTestId("main-button").evaluate((element) => element.tagName), "P");
    const offered = await page.locator("button").allInnerTexts();
    for (const word of ["Ask for the floor", "Point of order", "Microphone", "Camera", "Share", "Object", "Grant"]) {
      assert.ok(!offered.some((text) => text.includes(word)), `${person}: ${word}`);
    }
    await page.screenshot({ path: `${OUT}room-${person}.png` });
    await page.close();
  }
});

test("a page in Chinese is wholly Chinese: seat, room, console, messages and proceedings of the example conference", async () => {
  const example = await Server.start({ conference: await readFile(EXAMPLE, "utf8") });
  const chinese = (person) => open(person, { language: "zh-Hant-TW", of: example });
  const isChinese = async (page, what) => {
    const words = (await latinWords(page)).filter((word) => !LATIN_IN_CHINESE.test(word));
    await page.screenshot({ path: `${OUT}chinese-${what}.png` });
    assert.deepEqual(words, [], what);
  };
  const sit = async (page) => {
    await page.getByTestId("take-seat").waitFor();
    await until("the network is checked", async () => !/正在測試/.test(await page.getByTestId("network").innerText()));
    await page.getByTestId("room-climate").click();
  };
  const seats = [];
  try {
    const delegate = await chinese("taipei-1");
    await sit(delegate);
    await isChinese(delegate, "seat");
    await enter(delegate);
    const desk = await chinese("moderator-1");
    await sit(desk);
    await enter(desk);
    for (const person of ["tokyo-1", "seoul-1", "delhi-1"]) seats.push(await Participant.join(example, person));
    const moderator = await example.token("moderator-1");
    const say = (path, body = {}) => example.post(`/rooms/climate/${path}`, body, moderator);
    const [tokyo, seoul, delhi] = seats;
    const { agenda } = await example.get("/rooms/climate", moderator);
    await say(`agenda/${agenda.items[0].id}/start`);
    const first = await tokyo.requestFloor();
    await say(`floor/requests/${first.id}/accept`).catch(() => undefined);
    await say(`floor/requests/${first.id}/grant`);
    await seoul.requestFloor();
    await say(`floor/requests/${first.id}/revoke`, { reason: "時間已到" });
    await delhi.command("chat.post", { text: "請再說明一次。", to: "moderators" });
    await delhi.command("chat.post", { text: "收到，謝謝。" });
    const { id } = await say("decisions", { kind: "roll_call", question: "是否通過聯合聲明？" });
    await seoul.command("decision.vote", { decision: id, choice: "yes" });
    await until("the question is shown", async () => (await delegate.getByTestId("open-decision").count()) === 1);
    await isChinese(delegate, "room");
    for (const menu of ["layout", "sound", "help"]) {
      await openMenu(delegate, menu);
      await isChinese(delegate, `menu-${menu}`);
      await closeMenus(delegate);
    }
    await say(`decisions/${id}/close`);
    for (const tab of ["order", "agenda", "decisions", "people", "rules", "chat"]) {
      await desk.locator(`#tab-${tab}`).click();
      await isChinese(desk, `console-${tab}`);
    }
    await desk.getByTestId("open-record").click();
    await desk.getByTestId("speeches").waitFor();
    await isChinese(desk, "proceedings");
    const health = await chinese("operator-1");
    await health.getByTestId("health").waitFor();
    await until("the seats are listed", async () => (await health.locator("tbody tr").count()) >= 4);
    await isChinese(health, "health");
    for (const page of [delegate, desk, health]) assert.deepEqual(page.problems, []);
    await Promise.all([delegate, desk, health].map((page) => page.close()));
  } finally {
    for (const seat of seats) seat.close();
    await example.close();
  }
});
