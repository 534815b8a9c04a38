// The record plays: a press on a speech, a point of order or a decision shows that moment. The meeting is real; its files
// are made by the test, so that it knows what is to be seen, and can have links end and files miss.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startChromium, takeSeat } from "./lib/browser.mjs";
import { Participant } from "./lib/participant.mjs";
import { fulfillFile, makeSpeechFile, shownSecond } from "./lib/recorded-speeches.mjs";
import { checkScreen, watchPolicy } from "./lib/screen-checks.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const conference = `${conferenceFile()}
[[item]]
room = "climate"
title = "Early warning"
kind = "debate"
starts = 2021-10-12T10:00:00
minutes = 40
`;

let server, browser, page, chair, file;
const seats = [];
/** The links given out so far: only the last key is taken. */
let key = 0;
/** Requests for files that were answered, by their address. */
const fetched = [];
let listFails = false;

const say = (path, body = {}) => server.post(`/rooms/climate/${path}`, body, chair);
const later = (time, seconds) => {
  const utc = new Date(Date.parse(time.utc) + seconds * 1000).toISOString();
  return { utc, local: utc };
};

/** The real record, drawn out to a minute for each speech: what happened in the second one stands at known positions. */
async function drawnOut(route) {
  const response = await route.fetch();
  const record = await response.json();
  if (!record.speeches) return route.fulfill({ response });
  const start = record.speeches[0].began;
  record.speeches.forEach((speech, at) => {
    speech.began = later(start, at * 60);
    if (at < 3) speech.ended = later(start, at * 60 + 60);
  });
  for (const point of record.points_of_order) {
    point.raised = later(start, 60 + 20);
    point.ruled = later(start, 60 + 30);
  }
  for (const decision of record.decisions) {
    decision.opened_at = later(start, 60 + 40);
    decision.closed_at = later(start, 60 + 50);
  }
  record.recording = [
    { seq: 1, at: later(start, -1), recording: true, by: "moderator-1" },
    { seq: 2, at: later(start, 115), recording: false, reason: "disk_full" },
  ];
  record.takes = [];
  return route.fulfill({ response, json: record });
}

function recordings() {
  const { speeches } = page.record;
  const start = Date.parse(speeches[0].began.utc);
  const at = (seconds) => new Date(start + seconds * 1000).toISOString();
  return [0, 1].map((n) => ({
    speech: speeches[n].request,
    participant: speeches[n].person,
    from: at(n * 60),
    to: at(n * 60 + 60),
    duration_ms: 60_000,
    languages: n === 1 ? ["ja"] : [],
    has_picture: true,
    name: `climate-${speeches[n].request}.webm`,
    url: `/rooms/climate/recordings/speeches/${speeches[n].request}.webm?key=${key}`,
  }));
}

function sittings() {
  const [first, last] = recordings();
  const { from } = first;
  const facts = { from, to: last.to, duration_ms: 120_000, bytes: 5_000_000, languages: ["ja"] };
  const url = `/rooms/climate/recordings/sittings/${Date.parse(from)}.webm?key=${key}`;
  return [{ ...facts, name: "climate-sitting.webm", url }];
}

async function answer(route) {
  const url = new URL(route.request().url());
  if (url.pathname.endsWith("/recordings/speeches")) {
    if (listFails) return route.abort();
    key += 1;
    return route.fulfill({ json: recordings() });
  }
  if (url.pathname.endsWith("/recordings/sittings")) return route.fulfill({ json: sittings() });
  if (url.pathname.endsWith("/recordings")) {
    const lost = { speech: page.record.speeches[1].request, lost_packets: 1200, recovered: true };
    const camera = { id: "t1", participant: "seoul-1", source: "camera", media_type: "video/webm", ...lost };
    const sound = { id: "t2", participant: "moderator-1", source: "microphone", media_type: "audio/webm" };
    const start = Date.parse(page.record.speeches[0].began.utc);
    const [from, to] = [60 + 10, 60 + 40].map((seconds) => new Date(start + seconds * 1000).toISOString());
    const { speech } = lost;
    return route.fulfill({ json: [camera, { ...sound, speech, from, to, url: `/recordings/t2?key=${key}` }] });
  }
  if (url.searchParams.get("key") !== String(key)) return route.fulfill({ status: 403, body: "" });
  fetched.push(url.pathname.split("/").at(-1) + (url.searchParams.get("language") ?? ""));
  return fulfillFile(route, file);
}

const player = () => page.getByTestId("player-video");
const video = (what) => player().evaluate((element, name) => element[name], what);
const shows = (from, to, what = `seconds ${from} to ${to} are shown`) =>
  until(what, async () => {
    const second = await shownSecond(page);
    return second !== null && second >= from - 2 && second <= to;
  });
const pressMark = (name) => page.getByTestId("player-marks").getByRole("button", { name }).click();
const timeOf = (row) => page.getByTestId("speeches").getByRole("row", { name: row }).getByTestId("play-at");

before(async () => {
  server = await Server.start({ conference });
  file = await makeSpeechFile(join(server.folder, "speech.webm"));
  browser = await startChromium();
  chair = await server.token("moderator-1");
  page = await takeSeat(browser, server, "moderator-1", watchPolicy);
  for (const person of ["tokyo-1", "seoul-1", "delhi-1", "taipei-1"])
    seats.push(await Participant.join(server, person));
  for (const seat of seats) {
    const { id } = await seat.requestFloor();
    await say(`floor/requests/${id}/accept`);
  }
  await say("floor/next");
  await say("floor/next");
  const point = await seats[2].requestFloor({ kind: "point_of_order" });
  await say(`floor/requests/${point.id}/deny`, { reason: "It is within the item." });
  const { id } = await say("decisions", { kind: "no_objection", question: "Meet in Delhi next year?" });
  await say(`decisions/${id}/close`);
  await say("floor/next");
  await say("floor/next");
  page.record = await server.get("/rooms/climate/proceedings", chair);
  await page.route("**/api/v1/rooms/climate/proceedings", drawnOut);
  await page.route("**/api/v1/rooms/climate/recordings**", answer);
  await page.route("**/api/v1/recordings/**", answer);
  // Sounds beside the video are in no document.
  await page.evaluate(() => {
    window.sounds = [];
    window.Audio = class extends window.Audio {
      constructor(...words) {
        super(...words);
        window.sounds.push(this);
      }
    };
  });
  await page.getByRole("button", { name: "Proceedings" }).click();
  await timeOf(/Tokyo/).waitFor();
});

after(async () => {
  for (const seat of seats) seat.close();
  await browser?.close();
  await server?.close();
});

test("a press on a speech plays it from its beginning, and the way on leads to the next", async () => {
  await timeOf(/Tokyo/).click();
  await shows(0, 6);
  await until("it plays", async () => (await video("paused")) === false);
  assert.equal(await player().getAttribute("aria-label"), "Recording of Tokyo delegate");
  assert.equal(await page.getByTestId("player-previous").getAttribute("aria-disabled"), "true");
  await page.getByTestId("player-next").click();
  await until("Seoul's speech is open", async () => fetched.at(-1)?.startsWith(page.record.speeches[1].request));
  assert.equal(await page.getByTestId("player-next").getAttribute("aria-disabled"), "true");
});

test("a point of order, its ruling, a question and its result are seen at their moments", async () => {
  await page
    .getByTestId("record")
    .getByRole("button", { name: /^Play Delhi delegate/ })
    .click();
  await shows(20, 28, "the point of order");
  await pressMark(/Ruling: Overruled/);
  await shows(30, 38, "the ruling");
  await pressMark(/Question: Meet in Delhi/);
  await shows(40, 48, "the question");
  await page.getByRole("button", { name: /^Play the result of: Meet in Delhi/ }).click();
  await shows(50, 58, "the result");
});

test("the chair, who is heard besides the speaker, is heard in step, and not beside a channel", async () => {
  const sounds = () => page.evaluate(() => window.sounds.filter((it) => !it.paused).map((it) => it.currentTime));
  await pressMark(/Point of order/);
  await shows(20, 30);
  // The chair's sound begins 10 seconds after the speech.
  const apart = async () => {
    const [at] = await sounds();
    return at === undefined ? Infinity : Math.abs((await video("currentTime")) - 10 - at);
  };
  await until("the chair is heard in step", async () => (await apart()) < 0.4);
  await pressMark(/Question/);
  await until("the chair is silent again", async () => (await sounds()).length === 0);
  await pressMark(/Ruling/);
  await until("the chair is heard", async () => (await sounds()).length === 1);
  await player().evaluate((element) => element.pause());
  await until("both stand still", async () => (await sounds()).length === 0);
  await page.getByTestId("player-channel").selectOption("ja");
  await player().evaluate((element) => element.play());
  await shows(30, 40);
  assert.deepEqual(await sounds(), []);
  await page.getByTestId("player-channel").selectOption("");
});

test("what follows is played on, if that is wished", async () => {
  await timeOf(/Tokyo/).click();
  await shows(0, 6);
  await page.getByTestId("player-on").check();
  await player().evaluate((element) => (element.currentTime = element.duration - 1));
  await until("Seoul's speech plays", async () => fetched.at(-1)?.startsWith(page.record.speeches[1].request));
  await until("it plays", async () => (await video("paused")) === false);
  await page.getByTestId("player-on").uncheck();
});

test("the sound of a channel and the speed are chosen, and the place stays", async () => {
  await pressMark(/Ruling/);
  await shows(30, 36);
  await page.getByTestId("player-channel").selectOption("ja");
  await until("the channel is open", () => fetched.at(-1)?.endsWith("ja"));
  await shows(30, 44);
  await page.getByTestId("player-speed").selectOption("2");
  assert.equal(await video("playbackRate"), 2);
  await pressMark(/Point of order/);
  await shows(20, 34);
  assert.equal(await video("playbackRate"), 2);
  await page.getByTestId("player-channel").selectOption("");
  await until("the floor is open", () => !fetched.at(-1)?.endsWith("ja"));
  assert.equal(await video("playbackRate"), 2);
  await page.getByTestId("player-speed").selectOption("1");
});

test("a link that has ended is fetched anew, at the same place", async () => {
  await player().evaluate((element) => element.pause());
  key += 1;
  await pressMark(/Result/);
  // What was loaded before needs no link: the file is opened anew with one that has ended.
  await page.getByTestId("player-channel").selectOption("ja");
  await shows(50, 58);
  assert.equal(await page.getByTestId("player-failed").count(), 0);
});

test("what cannot be played says so, and is tried again by a press", async () => {
  listFails = true;
  key += 1;
  await page.getByTestId("player-channel").selectOption("");
  await page.getByTestId("player-failed").waitFor();
  listFails = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await until("it is shown again", async () => (await shownSecond(page)) !== null);
  assert.equal(await page.getByTestId("player-failed").count(), 0);
});

test("lost packets and a crash of the server are said, and why a speech has no recording", async () => {
  const faults = await page.getByTestId("player-faults").innerText();
  assert.match(faults, /1,200 packets/);
  assert.match(faults, /The server broke off/);
  const speeches = page.getByTestId("speeches");
  assert.match(
    await speeches.getByRole("row", { name: /Delhi/ }).innerText(),
    /had stopped, because the server’s disk was full/,
  );
  assert.equal(await timeOf(/Delhi/).count(), 0);
});

test("a speech is found by its city, and none where nobody is called so", async () => {
  await page.getByTestId("record-search").fill("seoul");
  assert.equal(await page.getByTestId("speeches").locator("tbody tr").count(), 1);
  await page.getByTestId("record-search").fill("nairobi");
  await page.getByText("No speech matches “nairobi”.").waitFor();
  await page.getByTestId("record-search").fill("");
});

test("a speech is saved as a file", async () => {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("player-save").click()]);
  assert.match(download.suggestedFilename(), /^\d{8}T\d{4}-seoul-1\.webm$/);
});

test("a sitting is saved as a file", async () => {
  const button = page.getByTestId("player-sittings").getByRole("button");
  assert.match(await button.innerText(), /Save the sitting of .*\(5 MB\)/);
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  assert.equal(download.suggestedFilename(), "climate-sitting.webm");
});

test("the player is worked by keys alone", async () => {
  await timeOf(/Tokyo/).focus();
  await page.keyboard.press("Enter");
  await until("the player has the focus", () =>
    page.evaluate(() => document.activeElement?.dataset.testid === "player-video"),
  );
  await until("it plays", async () => (await video("paused")) === false);
  await page.keyboard.press("Space");
  await until("it stands still", () => video("paused"));
});

test("the player beside the room passes the checks of every screen", () => checkScreen(page, "record-player"));

test("nothing failed on the page", () => assert.deepEqual(page.problems, []));
