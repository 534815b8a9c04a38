// A recorded address from the file to its end: a moderator adds it through the page and plays it as a speech of a mayor who
// is not here. Its pictures have another colour every two seconds, so a picture tells the position; its sound is one tone.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { audiblePeople, colourOf, installDevices, people, startChromium, takeSeat } from "./lib/browser.mjs";
import { checkScreen, watchPolicy } from "./lib/screen-checks.mjs";
import { conferenceFile, Server } from "./lib/server.mjs";
import { pause, until } from "./lib/until.mjs";

const SECONDS = 30;
const EACH = 2;
/** A colour for each two seconds: three steps of red, five of blue. */
const colours = Array.from({ length: SECONDS / EACH }, (_, at) => [
  30 + 100 * (at % 3),
  60,
  20 + 55 * Math.floor(at / 3),
]);
/** The recording has the tone of an interpreter, of whom nobody is here. */
const VOICE = "interpreter-1";

const conference = `${conferenceFile({ floor: 'limit = "8m"' })}
[[item]]
room = "climate"
title = "Address by the mayor of Tokyo"
kind = "address"
starts = 2021-10-12T10:00:00
minutes = 10
speakers = ["tokyo-1"]
recording = "mayor-address"
beneficiary = "tokyo-1"
`;

let server, browser, chair, moderator, seoul, tokyo, file;

const floor = () => server.get("/rooms/climate/floor", chair);
const speech = async () => (await floor()).speeches.find(({ recorded }) => recorded) ?? null;
/** The position by the server, in seconds. */
const position = async () => {
  const { recorded, as_of } = await speech();
  return (recorded.position_ms + (recorded.running ? Date.now() - Date.parse(as_of) : 0)) / 1000;
};
const runs = async () => (await speech())?.recorded.running === true;
/** Where in the recording a picture is, in seconds; `null` while there is none. */
const seen = async (page, testId = "stage-video") => {
  const colour = await colourOf(page, testId);
  if (!colour) return null;
  const distance = (other) => Math.hypot(...other.map((each, at) => each - colour[at]));
  const nearest = [...colours].sort((a, b) => distance(a) - distance(b))[0];
  return distance(nearest) < 40 ? colours.indexOf(nearest) * EACH : null;
};
const hears = async (page) => (await audiblePeople(page)).includes(VOICE);
const press = (name) => moderator.getByRole("button", { name }).click();
const says = (page, testId, words) =>
  until(`${testId} says ${words}`, async () =>
    words.test(
      await page
        .getByTestId(testId)
        .first()
        .innerText()
        .catch(() => ""),
    ),
  );

/** VP8 with a keyframe every second, and Opus. */
async function makeRecording(path) {
  const inputs = colours.flatMap((colour) => [
    "-f",
    "lavfi",
    "-i",
    `color=c=0x${Buffer.from(colour).toString("hex")}:s=320x180:r=15:d=${EACH}`,
  ]);
  await promisify(execFile)("ffmpeg", [
    "-v",
    "error",
    ...inputs,
    "-f",
    "lavfi",
    "-i",
    `sine=frequency=${people[VOICE].tone}:duration=${SECONDS}`,
    "-filter_complex",
    `concat=n=${colours.length}:v=1:a=0[pictures]`,
    "-map",
    "[pictures]",
    "-map",
    `${colours.length}:a`,
    "-c:v",
    "libvpx",
    "-b:v",
    "300k",
    "-g",
    "15",
    "-deadline",
    "realtime",
    "-cpu-used",
    "8",
    "-c:a",
    "libopus",
    "-ac",
    "2",
    path,
  ]);
}

before(async () => {
  server = await Server.start({ conference });
  file = join(server.folder, "from_the_camera.webm");
  await Promise.all([makeRecording(file), writeFile(join(server.folder, "no-recording.webm"), "This is a text.")]);
  browser = await startChromium();
  chair = await server.token("moderator-1");
  moderator = await takeSeat(browser, server, "moderator-1", watchPolicy);
  seoul = await takeSeat(browser, server, "seoul-1", watchPolicy);
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("a moderator adds a recording through the page; what is none is refused in the server's words", async () => {
  await moderator.getByRole("tab", { name: "Agenda" }).click();
  await moderator.getByTestId("recordings").locator("summary").click();
  const form = moderator.getByTestId("add-recording");
  await form.getByLabel("File").setInputFiles(join(server.folder, "no-recording.webm"));
  await form.getByRole("button", { name: "Add a recording" }).click();
  await says(moderator, "library-refusal", /\w+ \w+/);
  await form.getByLabel("File").setInputFiles(file);
  assert.equal(await form.getByLabel("Name of the recording").inputValue(), "from the camera");
  await form.getByLabel("Name of the recording").fill("Mayor address");
  await form.getByRole("button", { name: "Add a recording" }).click();
  await says(moderator, "recording-mayor-address", /0:30 · [\d.]+ MB · 180p · VP8/);
  assert.equal(await moderator.getByTestId("library-refusal").count(), 0);
  await until("the item has its length", async () =>
    /Recorded address · 0:30/.test(await moderator.getByTestId("agenda-desk").locator(".recording-mark").innerText()),
  );
});

test("it is played as a speech of the person whom the agenda names, who is not here", async () => {
  await press("Play: Mayor address");
  await until("Seoul sees it", async () => (await seen(seoul)) !== null);
  await until("Seoul hears it", () => hears(seoul));
  await says(seoul, "caption", /Tokyo delegate[^]*Tokyo · Recorded address · 0:\d\d of 0:30[^]*Playing/);
  await says(moderator, "holder", /RECORDED ADDRESS · MAYOR ADDRESS/i);
  assert.equal(await seoul.getByText(/Disconnected|Absent/).count(), 0);
});

test("a pause has it stand still, and a key on the position moves it by five seconds", async () => {
  await press("Pause");
  await until("it stands still", async () => !(await runs()));
  await says(seoul, "caption", /Paused by the chair/);
  await until("Seoul hears nothing", async () => !(await hears(seoul)));
  const at = await position();
  await pause(500);
  assert.equal(await position(), at);
  await moderator.getByTestId("seek").focus();
  await moderator.keyboard.press("ArrowRight");
  await until("five seconds further", async () => Math.abs((await position()) - at - 5) < 0.5);
});

test("the console and the stage with a recording that stands still", async () => {
  await checkScreen(moderator, "recording-console");
  await checkScreen(seoul, "recording-stage");
});

test("it goes on, and another position is seen at once", async () => {
  await moderator.getByTestId("seek").fill("4000");
  await until("it is sought", async () => Math.abs((await position()) - 4) < 0.5);
  await press("Continue");
  await until("it plays on from there", async () => (await seen(seoul)) >= 4 && (await runs()));
  await moderator.getByTestId("seek").fill("16000");
  await until("the pictures have jumped", async () => (await seen(seoul)) >= 16);
  await press("Back by 10 seconds");
  await until("and back", async () => {
    const at = await seen(seoul);
    return at !== null && at >= 4 && at < 14;
  });
});

test("the mayor comes late, sees the recording, and is not told that she is live", async () => {
  tokyo = await takeSeat(browser, server, "tokyo-1");
  await until("Tokyo sees it", async () => (await seen(tokyo)) !== null);
  await until("Tokyo hears it", () => hears(tokyo));
  await says(tokyo, "main-button", /^Your recording is being played$/);
  await says(tokyo, "live-status", /^Your recording is being played$/);
  assert.doesNotMatch(await tokyo.getByTestId("shell").innerText(), /You are live|You have the floor/);
  assert.doesNotMatch(await tokyo.getByTestId("dock-microphone").getAttribute("aria-label"), /live|[Mm]uted/);
});

test("a point of order suspends it, and it goes on after the ruling", async () => {
  await moderator.getByTestId("seek").fill("5000");
  await until("it plays", runs);
  const { id } = await server.post(
    "/rooms/climate/floor/requests",
    { kind: "point_of_order" },
    await server.token("seoul-1"),
  );
  await until("it stands still", async () => !(await runs()));
  const at = await position();
  assert.deepEqual((await speech()).suspended_by, ["point_of_order"]);
  await server.post(`/rooms/climate/floor/requests/${id}/deny`, {}, chair);
  await until("it goes on", async () => (await runs()) && (await position()) > at);
});

test("after a crash of the server it goes on by itself from where it was", async () => {
  await moderator.getByTestId("seek").fill("8000");
  await until("it plays from there", async () => (await runs()) && (await position()) > 8);
  const at = await position();
  await server.restart("SIGKILL");
  chair = await server.token("moderator-1");
  await until("it plays", runs, 30_000);
  const { recorded } = await speech();
  assert.ok(Math.abs(recorded.from_ms / 1000 - at) < 5, `from ${recorded.from_ms} ms, was at ${at} s`);
  await until("Seoul sees it again", async () => (await seen(seoul)) >= 6, 30_000);
});

test("stop frees the floor", async () => {
  await until("the console is back", async () => (await moderator.getByTestId("recording-actions").count()) === 1);
  await press("Stop");
  await until("nobody has the floor", async () => (await floor()).granted.length === 0);
  await says(seoul, "caption", /^(?!.*Recorded address)/s);
});

test("the agenda plays it, the hall shows it, and the chair is asked when it cannot go on", async () => {
  const hall = await browser.context.newPage();
  await hall.addInitScript(installDevices, people["moderator-1"]);
  await hall.goto(await server.displayLink());
  await hall.getByTestId("hall").waitFor();
  await press("Play the recording: Address by the mayor of Tokyo");
  await until("the hall sees it", async () => (await seen(hall, "hall-video")) !== null);
  assert.match(await hall.locator(".hall-who").innerText(), /Recorded address · 0:\d\d of 0:30/);

  const media = join(server.folder, "data", "media");
  const [name] = (await readdir(media, { recursive: true })).filter((each) => /\.(webm|mkv|media)$/.test(each));
  await truncate(join(media, name), Math.floor((await stat(join(media, name))).size / 2));
  await moderator.getByTestId("seek").fill("20000");
  await says(moderator, "recording-question", /cannot go on|stopped arriving/);
  await moderator.getByTestId("recording-question").getByRole("button", { name: /^Stop/ }).click();
  await until("nobody has the floor", async () => (await floor()).granted.length === 0);
  for (const page of [moderator, seoul, tokyo]) assert.deepEqual(page.problems, []);
});

test("it is removed after a question", async () => {
  await press(/^Remove: /);
  await moderator.getByTestId("remove-question").getByRole("button", { name: "Remove" }).click();
  await until("the library is empty", async () => (await server.get("/media", chair)).length === 0);
  await says(moderator, "recordings", /There are no recordings yet/);
});
