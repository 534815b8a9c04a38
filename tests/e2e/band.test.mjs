// The event band and what it says to whom: one whole speech with its rulings, refusals and a vote, as the participant
// concerned and another see and hear it; the alert of a hidden tab; and a transcript of what a screen reader is told.

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startChromium, takeSeat } from "./lib/browser.mjs";
import { watchLiveRegions } from "./lib/screen-reader.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const out = resolve(dirname(fileURLToPath(import.meta.url)), "../out");
const conference = conferenceFile({ floor: 'warning = "1m"' });

let server, browser, chair, tokyo, seoul;

const floor = (path, body = {}) => server.post(`/rooms/climate/floor/${path}`, body, chair);
const ask = async (person, body = {}) =>
  (await server.post("/rooms/climate/floor/requests", body, await server.token(person))).id;
const reads = (page, words) =>
  until(`the band reads ${words}`, async () =>
    words.test(
      await page
        .getByTestId("band-line")
        .innerText()
        .catch(() => ""),
    ),
  );
/** The class of the band is its colour. */
const looks = (page) => page.getByTestId("band").evaluate((band) => [...band.classList]);
const spoken = (page) => page.evaluate(() => window.__spoken);
const said = (page, words) =>
  until(`a screen reader is told ${words}`, async () => (await spoken(page)).find(({ text }) => words.test(text)));

/** Runs in the page first: a stand-in for the browser's notifications, and counts of what rings and vibrates. */
function watchAlerts() {
  window.__notified = [];
  window.__vibrated = 0;
  window.__tones = 0;
  window.Notification = class {
    static permission = "default";
    static async requestPermission() {
      window.Notification.permission = "granted";
      return "granted";
    }
    constructor(title, { body }) {
      window.__notified.push({ title, body });
    }
    close() {}
  };
  Object.defineProperty(navigator, "vibrate", { value: () => (window.__vibrated += 1) });
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function (...at) {
    // The microphone of these tests is an oscillator too, of a frequency that no signal has.
    if ([392, 523, 587, 659, 784].includes(this.frequency.value)) window.__tones += 1;
    return start.apply(this, at);
  };
}

before(async () => {
  server = await Server.start({ conference });
  browser = await startChromium();
  chair = await server.token("moderator-1");
  await browser.context.addInitScript(watchAlerts);
  await browser.context.addInitScript(watchLiveRegions);
  tokyo = await takeSeat(browser, server, "tokyo-1");
  seoul = await takeSeat(browser, server, "seoul-1");
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("who comes in reads how things stand", async () => {
  await reads(tokyo, /Nobody has the floor\./);
});

test("a pending request is with the chair, with how many wait", async () => {
  const first = await ask("delhi-1");
  await tokyo.getByTestId("main-button").click();
  await reads(tokyo, /Your request is with the chair \(2 waiting\)\./);
  assert.ok((await looks(tokyo)).includes("you"));
  await floor(`requests/${first}/deny`);
});

test("a denied request is denied with the chair's word, to the delegate and to the room", async () => {
  const { requests } = await server.get("/rooms/climate/floor", chair);
  await floor(`requests/${requests[0].id}/deny`, { reason: "The sitting is nearly over" });
  await reads(tokyo, /The chair has denied your request: “The sitting is nearly over”/);
  assert.ok((await looks(tokyo)).includes("bad"));
  await reads(seoul, /The chair has denied the request of Tokyo delegate: “The sitting is nearly over”/);
  assert.ok((await looks(seoul)).includes("room"));
  const told = await said(tokyo, /denied your request/);
  assert.equal(told.urgency, "assertive");
  assert.equal((await said(seoul, /denied the request of Tokyo/)).urgency, "polite");
});

test("a call is unmissable for the participant called: colour, sound, vibration and the tab's title", async () => {
  const tones = await tokyo.evaluate(() => window.__tones);
  const request = await ask("tokyo-1");
  await floor(`requests/${request}/grant`);
  await reads(tokyo, /You have the floor for 8 minutes\./);
  const classes = await looks(tokyo);
  assert.ok(classes.includes("good") && classes.includes("you"), String(classes));
  assert.match(await tokyo.title(), /^● You have the floor/);
  assert.ok((await tokyo.evaluate(() => window.__tones)) > tones);
  assert.ok((await tokyo.evaluate(() => window.__vibrated)) > 0);
  await reads(seoul, /Tokyo delegate has the floor\./);
  assert.doesNotMatch(await seoul.title(), /●/);
});

test("a point of order pauses the speech in words, and the ruling is said and then gone", async () => {
  const point = await ask("seoul-1", { kind: "point_of_order" });
  await reads(tokyo, /Seoul delegate raises a point of order\. Your speech and its clock are paused\./);
  await reads(seoul, /You have raised a point of order\./);
  await tokyo.getByTestId("point-of-order").waitFor();
  await floor(`requests/${point}/deny`, { reason: "The order stands" });
  await reads(seoul, /The chair has overruled your point of order: “The order stands”/);
  await said(tokyo, /The chair has overruled the point of order of Seoul delegate: “The order stands”/);
  await reads(tokyo, /Your speech goes on: you have the floor again\./);
  await tokyo.getByTestId("point-of-order").waitFor({ state: "detached" });
  const upheld = await ask("seoul-1", { kind: "point_of_order" });
  await floor(`requests/${upheld}/accept`);
  await said(seoul, /The chair has upheld your point of order\./);
  await tokyo.getByTestId("point-of-order").waitFor({ state: "detached" });
});

test("a revoked speech is revoked with the chair's word", async () => {
  const { granted } = await server.get("/rooms/climate/floor", chair);
  await floor(`requests/${granted[0].id}/revoke`, { reason: "Please keep to the subject" });
  await reads(tokyo, /The chair has ended your speech: “Please keep to the subject”/);
  await reads(seoul, /The chair has ended the speech of Tokyo delegate: “Please keep to the subject”/);
  assert.equal((await said(tokyo, /ended your speech/)).urgency, "assertive");
});

test("a vote is put to the delegations that have one, and its result comes with the figures", async () => {
  const { id } = await server.post(
    "/rooms/climate/decisions",
    { kind: "roll_call", question: "Adopt the joint statement?" },
    chair,
  );
  await reads(tokyo, /Your vote, please: Adopt the joint statement\?/);
  for (const [person, choice] of [
    ["tokyo-1", "yes"],
    ["seoul-1", "no"],
  ]) {
    await server.post(`/rooms/climate/decisions/${id}/vote`, { choice }, await server.token(person));
  }
  await server.post(`/rooms/climate/decisions/${id}/close`, {}, chair);
  await reads(seoul, /Not adopted, the vote is tied 1 to 1, 0 abstaining, 0 not voting: Adopt the joint statement\?/);
  const again = await server.post(
    "/rooms/climate/decisions",
    { kind: "no_objection", question: "Meet again in May?" },
    chair,
  );
  await server.post(`/rooms/climate/decisions/${again.id}/close`, {}, chair);
  await reads(seoul, /Adopted without objection: Meet again in May\?/);
});

test("the history has every line with its time, closes by Escape, and gives the focus back", async () => {
  await seoul.bringToFront();
  const button = seoul.getByTestId("band-history-button");
  await button.focus();
  await seoul.keyboard.press("Enter");
  const history = seoul.getByTestId("band-history");
  await history.getByText("The chair has ended the speech of Tokyo delegate: “Please keep to the subject”").waitFor();
  const lines = await history.locator("li").allInnerTexts();
  assert.ok(lines.length >= 8, lines.join("\n"));
  for (const line of lines) assert.match(line, /^\d\d:\d\d/);
  assert.match(lines[0], /Adopted without objection/);
  await seoul.keyboard.press("Escape");
  await history.waitFor({ state: "hidden" });
  assert.equal(await seoul.evaluate(() => document.activeElement?.dataset.testid), "band-history-button");
});

test("the band has one height, whatever it says, and moves nothing", async () => {
  const height = (page) => page.getByTestId("band").evaluate((band) => band.getBoundingClientRect().height);
  const before = await height(seoul);
  await server.post(
    "/rooms/climate/decisions",
    { kind: "no_objection", question: "A very long question. ".repeat(20).trim() },
    chair,
  );
  await reads(seoul, /A very long question/);
  assert.equal(await height(seoul), before);
  const { decisions } = await server.get("/rooms/climate", chair);
  await server.post(`/rooms/climate/decisions/${decisions.at(-1).id}/withdraw`, {}, chair);
  await reads(seoul, /The chair has withdrawn the question/);
  assert.equal(await height(seoul), before);
});

test("the permission to notify is asked for by a button, and a hidden tab gets a notification", async () => {
  assert.equal(await tokyo.evaluate(() => Notification.permission), "default");
  const request = await ask("tokyo-1");
  await tokyo.getByTestId("band-notify").click();
  await tokyo.getByTestId("band-notify").waitFor({ state: "detached" });
  const hide = (state) =>
    tokyo.evaluate((now) => {
      Object.defineProperty(document, "visibilityState", { value: now, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  const before = await tokyo.evaluate(() => window.__notified.length);
  assert.equal(before, 0, "nothing is notified while the tab can be seen");
  await hide("hidden");
  await floor(`requests/${request}/grant`);
  const [{ title, body }] = await until("a notification", () =>
    tokyo.evaluate(() => window.__notified.length > 0 && window.__notified),
  );
  assert.equal(body, "You have the floor for 8 minutes.");
  assert.match(title, /Climate Changes/);
  assert.match(await tokyo.title(), /^● You have the floor for 8 minutes\./);
  await hide("visible");
  await floor(`requests/${request}/revoke`);
  await reads(tokyo, /The chair has ended your speech\./);
});

test("while the connection is lost, nothing says that the floor is held as if it were so", async () => {
  const request = await ask("tokyo-1");
  await floor(`requests/${request}/grant`);
  await reads(tokyo, /You have the floor for 8 minutes\./);
  await tokyo.context().setOffline(true);
  await tokyo.evaluate(() => dispatchEvent(new Event("offline")));
  await until("the page to say what is kept", async () =>
    /Reconnecting; the floor is kept for you/.test(await tokyo.getByTestId("connection").innerText()),
  );
  const visible = await tokyo.evaluate(() => document.body.innerText);
  assert.doesNotMatch(visible, /You have the floor|You are live/);
  const live = await tokyo.evaluate(() =>
    [...document.querySelectorAll("[aria-live], [role=status], [role=alert]")]
      .map((each) => each.textContent)
      .join("\n"),
  );
  assert.doesNotMatch(live, /You have the floor/);
  await tokyo.context().setOffline(false);
  await tokyo.evaluate(() => dispatchEvent(new Event("online")));
  await until(
    "the speaker to be back",
    async () => /connected/i.test(await tokyo.getByTestId("connection").innerText()),
    30_000,
  );
  await floor(`requests/${request}/revoke`);
});

const transcripts = {
  en: {
    order: [
      /Your request is with the chair \(1 waiting\)/,
      /You are next\. Please get ready/,
      /You have the floor for 8 minutes/,
      /You have been given 2 minutes more/,
      /raises a point of order\. Your speech and its clock are paused/,
      /The chair has overruled the point of order of Seoul delegate: “Out of order”/,
      /Your speech goes on/,
      /The chair has ended your speech: “Thank you”/,
    ],
    reasons: { ruling: "Out of order", end: "Thank you" },
  },
  "zh-Hant-TW": {
    order: [
      /您的申請已送交主席（等候中 1 人）/,
      /下一位請您發言，請準備/,
      /請您發言，時間 8 分鐘/,
      /您的發言時間延長 2 分鐘/,
      /提出程序問題，您的發言及計時暫停/,
      /主席裁定 Seoul delegate 之程序問題不成立：「不符議程」/,
      /請您繼續發言/,
      /主席已終止您的發言：「謝謝」/,
    ],
    reasons: { ruling: "不符議程", end: "謝謝" },
  },
};

/** Run in the page first: the language chosen on this machine before. */
const speaks = {
  en: () => localStorage.setItem("plenary.language", "en"),
  "zh-Hant-TW": () => localStorage.setItem("plenary.language", "zh-Hant-TW"),
};

for (const [language, { order, reasons }] of Object.entries(transcripts)) {
  test(`a screen reader is told a whole speech in order, and nothing twice: ${language}`, async () => {
    const page = await takeSeat(browser, server, "taipei-1", speaks[language]);
    await page.evaluate(() => (window.__spoken.length = 0));
    const tree = [];
    const look = async (when) => tree.push(`## ${when}\n${await page.locator("body").ariaSnapshot()}`);
    await page.getByTestId("main-button").click();
    await said(page, order[0]);
    await look("asked");
    const { requests } = await server.get("/rooms/climate/floor", chair);
    const { id } = requests.find(({ beneficiary }) => beneficiary === "taipei-1");
    await floor(`requests/${id}/accept`);
    await said(page, order[1]);
    await floor(`requests/${id}/grant`);
    await said(page, order[2]);
    await look("called");
    await floor(`requests/${id}/extend`, { by_ms: 120_000 });
    await said(page, order[3]);
    const point = await ask("seoul-1", { kind: "point_of_order" });
    await said(page, order[4]);
    await look("point of order");
    await floor(`requests/${point}/deny`, { reason: reasons.ruling });
    await said(page, order[6]);
    await floor(`requests/${id}/revoke`, { reason: reasons.end });
    await said(page, order[7]);
    await look("ended");
    const all = await spoken(page);
    await mkdir(out, { recursive: true });
    await writeFile(
      join(out, `transcript-${language}.txt`),
      `# What a screen reader is told, in order\n${all.map(({ urgency, text }) => `${urgency}: ${text}`).join("\n")}\n\n# The accessibility tree\n${tree.join("\n\n")}\n`,
    );
    const places = order.map((words) => all.findIndex(({ text }) => words.test(text)));
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
      JSON.stringify(all, null, 1),
    );
    assert.ok(!places.includes(-1), JSON.stringify(all, null, 1));
    const texts = all.map(({ text }) => text);
    assert.deepEqual(
      texts.filter((text, at) => texts.indexOf(text) !== at),
      [],
      "said twice",
    );
    if (language !== "en") for (const { text } of all) assert.match(text, /[一-鿿]/, `not Chinese: ${text}`);
    await page.close({ runBeforeUnload: false });
  });
}

test("no page had an error", () => {
  for (const page of [tokyo, seoul]) assert.deepEqual(page.problems, []);
});
