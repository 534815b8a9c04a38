// The languages of a recorded address: three tracks of sound, each with a tone of its own, in the floor and two channels; and
// subtitles in three languages, two in the file and one beside it, whose text tells the position.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { installDevices, people, playedPeople, startChromium, takeSeat } from "./lib/browser.mjs";
import { closeMenus, openMenu } from "./lib/room-page.mjs";
import { checkScreen, watchPolicy } from "./lib/screen-checks.mjs";
import { conferenceFile, Server } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const SECONDS = 60;
/** How long each subtitle is shown. */
const EACH = 2;
/** The tones of the three tracks, by the people who have them: those are not here. */
const FLOOR = "tokyo-1";
const JAPANESE = "delhi-1";
const CHINESE = "taipei-1";
const KENJI = "interpreter-1";

const conference = `${conferenceFile({}).replace(
  'languages = ["en", "zh-Hant-TW"]',
  'languages = ["en", "zh-Hant-TW", "ja"]',
)}
[[person]]
id = "interpreter-1"
name = "Kenji"
role = "interpreter"
languages = ["ja"]
`;

let server, browser, chair, moderator, seoul, kenji;

const post = (verb, fields = {}) => server.post(`/rooms/climate/recording/${verb}`, fields, chair);
const speech = async () =>
  (await server.get("/rooms/climate/floor", chair)).speeches.find(({ recorded }) => recorded) ?? null;
const position = async () => {
  const { recorded, as_of } = await speech();
  return (recorded.position_ms + (recorded.running ? Date.now() - Date.parse(as_of) : 0)) / 1000;
};
// The chair is heard too.
const plays =
  (page, ...tones) =>
  async () =>
    String((await playedPeople(page)).filter((each) => each !== "moderator-1")) === String(tones);
const note = (page) => page.getByTestId("sound-note");

async function listenTo(page, language) {
  await openMenu(page, "sound");
  await page.getByTestId("sound-channel").selectOption(language);
  await closeMenus(page);
}

const shown = (page) => page.getByTestId("subtitles").innerText();
/** The position that the subtitle of a page tells, in seconds; `null` while it is not in that language. */
async function told(page, language) {
  const [, word, at] = (await shown(page).catch(() => "")).match(/^(\S+) \[(\d+)\]$/) ?? [];
  return word === language ? Number(at) : null;
}
const isInStep = (page, language) =>
  until(`${language} is in step`, async () => {
    const [before, at, after] = [await position(), await told(page, language), await position()];
    return at !== null && before > at - 0.5 && after < at + EACH + 0.5;
  });

function subtitles(word) {
  const time = (seconds) => `00:${String(seconds).padStart(2, "0")}.000`;
  const cues = Array.from({ length: SECONDS / EACH - 1 }, (_, at) => {
    const from = at * EACH;
    return `${time(from)} --> ${time(from + EACH)}\n<b onclick="x">${word}</b> [${from}]\n`;
  });
  return ["WEBVTT\n", ...cues].join("\n");
}

async function makeRecording(folder) {
  const texts = { en: "English", ja: "日本語", zh: "中文" };
  for (const [name, word] of Object.entries(texts)) await writeFile(join(folder, `${name}.vtt`), subtitles(word));
  const sounds = [FLOOR, JAPANESE, CHINESE].flatMap((tone) => [
    "-f",
    "lavfi",
    "-i",
    `sine=frequency=${people[tone].tone}:duration=${SECONDS}`,
  ]);
  const words =
    `-map 0 -map 1 -map 2 -map 3 -map 4 -map 5 -c:v libvpx -b:v 200k -g 15 -deadline realtime -cpu-used 8 ` +
    `-c:a libopus -ac 2 -c:s webvtt -metadata:s:s:0 language=eng -metadata:s:s:1 language=jpn`;
  await promisify(execFile)("ffmpeg", [
    "-v",
    "error",
    "-f",
    "lavfi",
    "-i",
    `color=c=0x205080:s=320x180:r=15:d=${SECONDS}`,
    ...sounds,
    "-i",
    join(folder, "en.vtt"),
    "-i",
    join(folder, "ja.vtt"),
    ...words.split(" "),
    join(folder, "address.mkv"),
  ]);
}

before(async () => {
  server = await Server.start({ conference });
  await makeRecording(server.folder);
  browser = await startChromium();
  chair = await server.token("moderator-1");
  moderator = await takeSeat(browser, server, "moderator-1", watchPolicy);
  seoul = await takeSeat(browser, server, "seoul-1", watchPolicy);
  kenji = await takeSeat(browser, server, KENJI);
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("the command line adds three languages of sound, two of subtitles in the file and one beside it", async () => {
  const languages = ["en", "ja", "zh-Hant-TW"].flatMap((tag) => ["--language", tag]);
  const beside = `zh-Hant-TW=${join(server.folder, "zh.vtt")}`;
  const added = await server.media("add", join(server.folder, "address.mkv"), ...languages, "--subtitles", beside);
  assert.match(added, /^address: address, 1:00; VP8 180p; Opus en, ja, zh-Hant-TW; subtitles en, ja, zh-Hant-TW$/m);
  const four = [...languages, "--language", "fr"];
  await assert.rejects(
    server.media("add", join(server.folder, "address.mkv"), ...four),
    /4 languages were given, and the recording has 3 tracks of sound/,
  );
});

test("each channel carries the recording in its language, and the floor the first of them", async () => {
  await post("play", { media: "address", beneficiary: "tokyo-1" });
  assert.deepEqual((await speech()).recorded.languages, ["ja", "zh-Hant-TW"]);
  await until("Seoul hears the floor", plays(seoul, FLOOR));
  await listenTo(seoul, "ja");
  await until("Seoul hears Japanese alone", plays(seoul, JAPANESE));
  await note(seoul).getByText("You are listening to the recording in 日本語.").waitFor();
  await listenTo(seoul, "zh-Hant-TW");
  await until("Seoul hears Chinese alone", plays(seoul, CHINESE));
  await listenTo(seoul, "en");
  await until("a language without a track of its own carries the floor", plays(seoul, FLOOR));
});

test("an interpreter takes a channel over from the recording, and it has it back afterwards", async () => {
  await listenTo(seoul, "ja");
  await until("Seoul hears the recording", plays(seoul, JAPANESE));
  await kenji.getByRole("button", { name: "Interpret into 日本語" }).click();
  await until("Seoul hears Kenji alone", plays(seoul, KENJI));
  await note(seoul).getByText("You are listening to Kenji, interpreting into 日本語.").waitFor();
  await kenji.getByRole("button", { name: "Stop interpreting into 日本語" }).click();
  await until("Seoul hears the recording again", plays(seoul, JAPANESE));
});

test("a pause silences every language, and a seek moves them all", async () => {
  await post("pause");
  await until("Seoul hears nothing", plays(seoul));
  await post("play");
  await until("Seoul hears Japanese", plays(seoul, JAPANESE));
  await post("seek", { position_ms: 20_000 });
  await until("Seoul hears Japanese there", plays(seoul, JAPANESE));
  assert.ok((await position()) >= 20);
});

test("subtitles are off until a language is chosen, are text, and are in step", async () => {
  assert.equal(await shown(seoul), "");
  const choice = seoul.getByTestId("subtitles-choice");
  assert.deepEqual(await choice.locator("option").evaluateAll((all) => all.map((each) => each.value)), [
    "off",
    "en",
    "ja",
    "zh-Hant-TW",
  ]);
  await choice.selectOption("en");
  await isInStep(seoul, "English");
  assert.equal(await seoul.getByTestId("subtitles").locator("b").count(), 0);
  await choice.selectOption("zh-Hant-TW");
  await isInStep(seoul, "中文");
});

test("subtitles stand still in a pause and move with a seek", async () => {
  await post("pause");
  await isInStep(seoul, "中文");
  await checkScreen(seoul, "recording-subtitles");
  await post("seek", { position_ms: 40_500 });
  await until("the subtitle of the new position", async () => (await told(seoul, "中文")) === 40);
  await post("seek", { position_ms: 5_000 });
  await post("play");
  await isInStep(seoul, "中文");
});

test("whoever comes late sees the subtitle of the position at once, in the language chosen before", async () => {
  await seoul.reload();
  await isInStep(seoul, "中文");
});

test("the hall shows the first language of the conference that there is, or the one of its link", async () => {
  const link = await server.displayLink();
  for (const [more, word] of [
    ["", "English"],
    ["&subtitles=ja", "日本語"],
  ]) {
    const hall = await browser.context.newPage();
    await hall.addInitScript(installDevices, people["moderator-1"]);
    await hall.goto(link + more);
    await hall.getByTestId("hall").waitFor();
    await isInStep(hall, word);
    await hall.close();
  }
});

test("subtitles end with the recording, and the console removes and adds them", async () => {
  await post("stop");
  await until("no subtitles", async () => (await seoul.getByTestId("subtitles").count()) === 0);
  await moderator.getByRole("tab", { name: "Agenda" }).click();
  await moderator.getByTestId("recordings").locator("summary").click();
  await moderator.getByRole("button", { name: "Remove subtitles in 日本語: address" }).click();
  const has = async (...languages) => String((await server.get("/media", chair))[0].subtitles) === String(languages);
  await until("they are gone", () => has("en", "zh-Hant-TW"));
  const desk = moderator.getByTestId("subtitles-of-address");
  await desk.getByLabel("Language of the subtitles: address").selectOption("ja");
  await writeFile(join(server.folder, "bad.vtt"), "1\n00:00:01,000 --> 00:00:02,000\nこんにちは\n");
  await desk.getByLabel("Subtitle file (WebVTT): address").setInputFiles(join(server.folder, "bad.vtt"));
  await until("the refusal names the line", async () =>
    /Line 1: the file does not begin with WEBVTT/.test(await moderator.getByTestId("library-refusal").innerText()),
  );
  await desk.getByLabel("Subtitle file (WebVTT): address").setInputFiles(join(server.folder, "ja.vtt"));
  await until("they are there again", () => has("en", "ja", "zh-Hant-TW"));
  for (const page of [moderator, seoul]) assert.deepEqual(page.problems, []);
});
