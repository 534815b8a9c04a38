// A recorded meeting: several cities speak, each with a tone and a colour of its own, the server is killed in the middle
// of a speech, and every file is decoded by foreign software and held against the log.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { execFile, spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Server, binary, conferenceFile } from "./lib/server.mjs";
import { pause, until } from "./lib/until.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const program = process.env.PARTICIPANT_BIN ?? join(root, "target/debug/examples/participant");
const run = (command, words, options = {}) =>
  promisify(execFile)(command, words, { maxBuffer: 1 << 28, encoding: "buffer", ...options });

/** What each participant sounds and looks like; no tone is a harmonic of another. */
const CITIES = {
  "tokyo-1": { tone: 440, colour: "c81e1e" },
  "seoul-1": { tone: 700, colour: "1ec81e" },
  "delhi-1": { tone: 1130, colour: "1e1ec8" },
  "interpreter-1": { tone: 1700, colour: "c8c81e" },
};
const INTERPRETER = `
[[person]]
id = "interpreter-1"
name = "Interpreter"
role = "interpreter"
languages = ["zh-Hant-TW"]
`;
/** How far a file's beginning and end may be from the log's: packets of sound come every 20 ms. */
const MAX_DEVIATION_MS = 100;

let server;
const participants = [];

/** A participant who publishes a tone and a picture, until the server ends. */
async function publish(person) {
  const { tone, colour } = CITIES[person];
  const { invitation } = (await server.invitations())[person];
  const words = ["--server", server.url, "--invitation", invitation, "--room", "climate", "--name", person];
  const child = spawn(program, [...words, "--colour", colour, "--tone", `${tone}`, "--seconds", "600"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => (said += chunk));
  participants.push(child);
  const chair = await server.token("moderator-1");
  await until(
    `${person} publishes`,
    async () => {
      if (child.exitCode !== null) throw new Error(`${person} ended: ${said}`);
      const { participants } = await server.get("/rooms/climate", chair);
      return participants.some((it) => it.person === person && it.state === "seated" && it.publishing);
    },
    60_000,
  );
}

/** A city speaks for some seconds; returns the request. */
async function speak(person, ms) {
  const chair = await server.token("moderator-1");
  const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token(person));
  await server.post(`/rooms/climate/floor/requests/${id}/grant`, {}, chair);
  await pause(ms);
  return id;
}

async function release(id, person) {
  await server.post(`/rooms/climate/floor/requests/${id}/release`, {}, await server.token(person));
}

before(async () => {
  // With the whole workspace: alone, its dependencies would be built again with other features.
  if (!process.env.PARTICIPANT_BIN)
    await run("cargo", ["build", "-q", "--locked", "--workspace", "--example", "participant"], { cwd: root });
  server = await Server.start({
    conference: conferenceFile({ floor: 'first_voice = "0s"\n[room.recording]\nenabled = true\n' }) + INTERPRETER,
  });
});

after(async () => {
  for (const child of participants) child.kill();
  await server?.close();
});

/** The loudest of the known tones in a file, by the energy in a narrow band around each. */
async function toneOf(file) {
  const levels = [];
  for (const [person, { tone }] of Object.entries(CITIES)) {
    const filter = `bandpass=f=${tone}:width_type=h:w=40,volumedetect`;
    const { stderr } = await run("ffmpeg", ["-v", "info", "-i", file, "-map", "0:a", "-af", filter, "-f", "null", "-"]);
    levels.push({ person, level: Number(/mean_volume: (-?[\d.]+)/.exec(stderr.toString())[1]) });
  }
  return levels.sort((one, other) => other.level - one.level);
}

/** What ffprobe says of a file, all of which is decoded without an error. */
async function probed(file) {
  const { stderr } = await run("ffmpeg", ["-v", "error", "-i", file, "-map", "0", "-f", "null", "-"]);
  assert.equal(stderr.toString(), "", file);
  const asked = ["-v", "error", "-show_streams", "-show_chapters", "-show_format", "-of", "json", file];
  return JSON.parse((await run("ffprobe", asked)).stdout.toString());
}

/** The colours of the pictures in a file: one pixel of each, from a corner where no name stands. */
async function coloursOf(file) {
  const words = ["-v", "error", "-i", file, "-map", "0:v", "-vf", "crop=8:8:0:0,scale=1:1", "-pix_fmt", "rgb24"];
  const { stdout } = await run("ffmpeg", [...words, "-f", "rawvideo", "-"]);
  const pixels = [];
  for (let at = 0; at + 2 < stdout.length; at += 3) pixels.push([...stdout.subarray(at, at + 3)]);
  return pixels;
}

const isColour = (pixel, colour) =>
  [0, 2, 4].every((at, index) => Math.abs(parseInt(colour.slice(at, at + 2), 16) - pixel[index]) < 48);

test("a recorded meeting leaves files that are cut by the floor, whole after a crash, and proved by the log", async (t) => {
  for (const person of Object.keys(CITIES)) await publish(person);
  await server.post("/rooms/climate/channels/zh-Hant-TW/take", {}, await server.token("interpreter-1"));
  const spoken = [];
  for (const person of ["tokyo-1", "seoul-1", "tokyo-1"]) {
    const id = await speak(person, 3000);
    await release(id, person);
    spoken.push({ person, id });
  }
  const cut = await speak("delhi-1", 3000);
  const takesFolder = join(server.folder, "data/recordings/climate");
  await server.restart("SIGKILL");
  const recordings = await until(
    "every take is in the log",
    async () => {
      const listed = await server.get("/rooms/climate/recordings", await server.token("operator-1"));
      const files = await readdir(takesFolder);
      return listed.some((it) => it.speech === cut && it.recovered) && listed.length === files.length ? listed : null;
    },
    30_000,
  );

  await t.test("every file is decoded without an error and has the hash that the log has", async () => {
    for (const { id, sha256, bytes, media_type: type } of recordings) {
      const name = (await readdir(takesFolder)).find((it) => it.startsWith(`${id}.`));
      const file = join(takesFolder, name);
      const content = await readFile(file);
      assert.equal(content.length, bytes);
      assert.equal(createHash("sha256").update(content).digest("hex"), sha256, id);
      const { stderr } = await run("ffmpeg", ["-v", "error", "-i", file, "-f", "null", "-"]);
      assert.equal(stderr.toString(), "", `${id} ${type}`);
    }
  });

  await t.test("each file has its own participant's tone or colour, and nobody else's", async () => {
    for (const { id, participant, source } of recordings) {
      const file = join(
        takesFolder,
        (await readdir(takesFolder)).find((it) => it.startsWith(`${id}.`)),
      );
      if (source === "microphone") {
        const [loudest, next] = await toneOf(file);
        assert.equal(loudest.person, participant, id);
        assert.ok(next.level < loudest.level - 20, `${id}: ${JSON.stringify([loudest, next])}`);
      } else {
        const pixels = await coloursOf(file);
        assert.ok(pixels.length > 0, id);
        assert.ok(
          pixels.every((pixel) => isColour(pixel, CITIES[participant].colour)),
          `${id} of ${participant}: ${JSON.stringify(pixels.slice(0, 3))}`,
        );
      }
    }
  });

  await t.test("the sound of each speech begins and ends with it", async () => {
    const record = await server.get("/rooms/climate/proceedings", await server.token("operator-1"));
    for (const { person, id } of spoken) {
      const speech = record.speeches.find((it) => it.request === id);
      const take = recordings.find((it) => it.speech === id && it.source === "microphone" && it.participant === person);
      assert.ok(take, `${person} ${id}`);
      const [began, ended] = [speech.parts[0].began.utc, speech.ended.utc].map((at) => Date.parse(at));
      const deviations = [Date.parse(take.from) - began, Date.parse(take.to) - ended];
      for (const ms of deviations) assert.ok(Math.abs(ms) <= MAX_DEVIATION_MS, `${id}: ${deviations}`);
    }
    assert.deepEqual(record.takes.map((it) => it.sha256).sort(), recordings.map((it) => it.sha256).sort());
  });

  await t.test("an interpreter's channel is recorded, by speech", () => {
    const of = recordings.filter((it) => it.language === "zh-Hant-TW");
    assert.ok(of.some((it) => it.speech === spoken[1].id));
    assert.ok(of.every((it) => it.participant === "interpreter-1"));
    assert.ok(recordings.every((it) => it.participant !== "interpreter-1" || it.language));
  });

  await t.test("a speech is one file by a link, and only readers of the record get links", async () => {
    const speeches = await server.get("/rooms/climate/recordings/speeches", await server.token("moderator-1"));
    const [first] = speeches;
    assert.equal(first.participant, "tokyo-1");
    assert.equal(first.has_picture, true);
    assert.deepEqual(first.languages, ["zh-Hant-TW"]);
    for (const more of ["", "&language=zh-Hant-TW"]) {
      const response = await fetch(`${server.url}/api/v1${first.url}${more}`, { headers: { range: "bytes=0-" } });
      assert.equal(response.status, 206);
      const file = join(server.folder, "speech.webm");
      await writeFile(file, Buffer.from(await response.arrayBuffer()));
      const { stderr } = await run("ffmpeg", ["-v", "error", "-i", file, "-f", "null", "-"]);
      assert.equal(stderr.toString(), "");
      const [loudest] = await toneOf(file);
      assert.equal(loudest.person, more ? "interpreter-1" : "tokyo-1");
    }
    await assert.rejects(server.get("/rooms/climate/recordings", await server.token("tokyo-1")));
  });

  await t.test("a speech and the whole sitting are exported from the command line, as WebM and as MP4", async () => {
    const data = `${server.folder}/data`;
    const recorded = (words, name) => {
      const out = join(server.folder, name);
      const exported = run(binary, ["recording", "export", "climate", "--data", data, ...words, "--out", out]);
      return exported.then(() => probed(out));
    };
    const kinds = ({ streams }) => streams.map((it) => [it.codec_name, it.tags?.language ?? "und"]);
    const lasts = ({ format }, takes, what) => {
      const [from, to] = [
        Math.min(...takes.map((it) => Date.parse(it.from))),
        Math.max(...takes.map((it) => Date.parse(it.to))),
      ];
      const seconds = Number(format.duration);
      assert.ok(Math.abs(seconds - (to - from) / 1000) < 0.5, `${what}: ${seconds} s, and ${(to - from) / 1000} s`);
    };
    const [{ id: first }] = spoken;
    const ofFirst = recordings.filter((it) => it.speech === first);

    const speech = await recorded(["--speech", first], "one.webm");
    assert.deepEqual(kinds(speech), [
      ["vp8", "und"],
      ["opus", "und"],
      ["opus", "chi"],
    ]);
    lasts(speech, ofFirst, "the speech");
    assert.match(speech.format.tags.title, /^Climate Changes .*: .*Tokyo/);
    const interpreted = await recorded(["--speech", first, "--language", "zh-Hant-TW"], "interpreted.webm");
    assert.deepEqual(kinds(interpreted), [
      ["vp8", "und"],
      ["opus", "chi"],
    ]);
    assert.equal((await toneOf(join(server.folder, "interpreted.webm")))[0].person, "interpreter-1");
    const converted = await recorded(["--speech", first, "--mp4"], "one.mp4");
    assert.deepEqual(kinds(converted), [
      ["h264", "und"],
      ["aac", "und"],
      ["aac", "chi"],
    ]);
    lasts(converted, ofFirst, "the speech as MP4");

    const whole = await recorded(["--whole"], "whole.webm");
    assert.deepEqual(kinds(whole), kinds(speech));
    lasts(whole, recordings, "the sitting");
    const speeches = new Set(recordings.map((it) => it.speech).filter(Boolean));
    const titles = whole.chapters.map((it) => it.tags.title);
    assert.equal(titles.length, speeches.size);
    assert.match(titles[0], /Tokyo/);
    assert.match(titles[1], /Seoul/);
    const starts = whole.chapters.map((it) => Number(it.start_time));
    assert.deepEqual(
      starts,
      [...starts].sort((one, other) => one - other),
    );

    // The same file is sent while it is made, and a part of it is that part.
    const [sitting] = await server.get("/rooms/climate/recordings/sittings", await server.token("operator-1"));
    const url = `${server.url}/api/v1${sitting.url}`;
    const sent = await fetch(url);
    const bytes = Buffer.from(await sent.arrayBuffer());
    assert.equal(bytes.length, Number(sent.headers.get("content-length")));
    assert.ok(bytes.equals(await readFile(join(server.folder, "whole.webm"))), "as from the command line");
    const from = Math.floor(bytes.length / 2);
    const rest = await fetch(url, { headers: { range: `bytes=${from}-` } });
    assert.equal(rest.status, 206);
    assert.ok(Buffer.from(await rest.arrayBuffer()).equals(bytes.subarray(from)));
    // A player that begins in the middle of the third speech.
    const words = [
      "-v",
      "error",
      "-ss",
      `${starts[2] + 1}`,
      "-i",
      join(server.folder, "whole.webm"),
      "-t",
      "1",
      "-map",
      "0:v",
    ];
    const { stdout } = await run("ffmpeg", [
      ...words,
      "-vf",
      "crop=8:8:0:0,scale=1:1",
      "-pix_fmt",
      "rgb24",
      "-f",
      "rawvideo",
      "-",
    ]);
    assert.ok(isColour([...stdout.subarray(0, 3)], CITIES["tokyo-1"].colour), `${stdout.subarray(0, 3)}`);
  });

  await t.test("the hash chain is intact", async () => {
    const { stdout } = await run(binary, ["journal", "verify", "--data", `${server.folder}/data`]);
    assert.match(stdout.toString(), /records in order/);
  });
});
