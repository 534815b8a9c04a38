// A sitting of many short speeches that is recorded. Everybody sends a colour and a tone of their own all the time, so each
// file shows whose it is: every file decodes, is as long as its speech, has nothing of anybody else, and is the file of which
// the log has the hash.
//
// `SPEECHES` (40) and `SPEECH_SECONDS` (5) change its length; `PARTICIPANT_BIN` is the client's example `participant`.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { people } from "../e2e/lib/browser.mjs";
import { binary, conferenceFile, Server } from "../e2e/lib/server.mjs";
import { pause, until } from "../e2e/lib/until.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const participant = process.env.PARTICIPANT_BIN ?? join(root, "target/debug/examples/participant");
const run = (...words) => promisify(execFile)(...words, { encoding: "buffer", maxBuffer: 1 << 28 });

const SPEECHES = Number(process.env.SPEECHES ?? 40);
const SPEECH_MS = Number(process.env.SPEECH_SECONDS ?? 5) * 1000;
/**
 * How far a file may begin and end from its speech, in the median and at most: it begins with the first packet that comes,
 * every 20 ms of sound, and with a keyframe of ten pictures a second. A sender on a busy machine may pause.
 */
const MAX_MEDIAN_MS = { microphone: 20, camera: 60 };
const MAX_DEVIATION_MS = { microphone: 100, camera: 200 };
const RATE = 16_000;
const speakers = ["taipei-1", "tokyo-1", "seoul-1", "delhi-1"];
const room = "/rooms/climate";

let server, chair, log, takes;
const clients = [];
const speeches = [];

const hex = (colour) => Buffer.from(colour).toString("hex");
const post = (path, body = {}, token = chair) => server.post(`${room}/${path}`, body, token);
const time = (moment) => Date.parse(moment);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** The amplitude of a tone in 16-bit samples, between 0 and 1. */
function amplitude(samples, hertz) {
  let [real, imaginary] = [0, 0];
  for (let at = 0; at < samples.length; at++) {
    const angle = (2 * Math.PI * hertz * at) / RATE;
    real += samples[at] * Math.cos(angle);
    imaginary += samples[at] * Math.sin(angle);
  }
  return (2 * Math.hypot(real, imaginary)) / samples.length / 32_768;
}

/** Decodes a file to its end; any complaint of the decoder is an error. */
async function decode(path, ...words) {
  const { stdout, stderr } = await run("ffmpeg", ["-v", "error", "-xerror", "-i", path, ...words, "-"]);
  assert.equal(stderr.toString(), "", path);
  return stdout;
}

async function fileOf(take) {
  const response = await fetch(`${server.url}/api/v1${take.url}`);
  assert.equal(response.status, 200, take.id);
  const bytes = Buffer.from(await response.arrayBuffer());
  const path = join(server.folder, `${take.id}.webm`);
  await writeFile(path, bytes);
  return { path, bytes };
}

before(async () => {
  server = await Server.start({ conference: conferenceFile({ floor: 'limit = "8m"' }) });
  chair = await server.token("moderator-1");
  const invitations = await server.invitations();
  for (const person of speakers) {
    const { colour, tone } = people[person];
    const words = ["--server", server.url, "--invitation", invitations[person].invitation, "--room", "climate"];
    const media = ["--colour", hex(colour), "--tone", `${tone}`, "--name", " ", "--seconds", "3600"];
    clients.push(spawn(participant, [...words, ...media], { stdio: ["ignore", "ignore", "inherit"] }));
  }
  const operator = await server.token("operator-1");
  await until("the sound and the picture of all arrive", async () => {
    const { participants } = await server.get(`${room}/health`, operator);
    const sources = (person) => participants.find((it) => it.person === person)?.sources ?? [];
    const arrives = (person, source) => sources(person).some((it) => it.source === source && it.packets > 0);
    return speakers.every((person) => arrives(person, "microphone") && arrives(person, "camera"));
  });
});

after(async () => {
  for (const client of clients) client.kill("SIGKILL");
  await server?.close();
});

test(`${SPEECHES} speeches are recorded, each as a file of sound and one of pictures`, async () => {
  await post("record/start");
  for (let at = 0; at < SPEECHES; at++) {
    const person = speakers[at % speakers.length];
    const { id } = await post("floor/requests", {}, await server.token(person));
    await post(`floor/requests/${id}/grant`);
    await pause(SPEECH_MS);
    await post(`floor/requests/${id}/revoke`);
    speeches.push({ id, person });
  }
  await post("record/stop");
  const complete = async () => {
    takes = await server.get(`${room}/recordings`, chair);
    return speeches.every(({ id }) =>
      ["microphone", "camera"].every((source) => takes.some((take) => take.speech === id && take.source === source)),
    );
  };
  await until("every speech has both files", complete, 60_000);
  assert.equal(takes.length, 2 * SPEECHES, "nothing else is recorded, though everybody sends");
  log = await server.get(`${room}/events`, chair);
  assert.equal(log.filter(({ type }) => type === "record.gap").length, 0, "nothing is missing");
});

test("every file is the one of which the log has the hash", async () => {
  for (const take of takes) {
    const { bytes, path } = await fileOf(take);
    take.path = path;
    const event = log.find(({ type, id }) => type === "record.take" && id === take.id);
    assert.equal(createHash("sha256").update(bytes).digest("hex"), event?.sha256, take.id);
    assert.equal(bytes.length, event.bytes, take.id);
  }
});

test("every file is as long as its speech", async () => {
  const off = { microphone: [], camera: [] };
  for (const take of takes) {
    const of = (kind) => time(log.find(({ type, request }) => type === kind && request?.id === take.speech)?.at);
    const [granted, ended] = [of("floor.granted"), of("floor.revoked")];
    const { stdout } = await run("ffprobe", [
      "-v",
      "error",
      "-show_entries",
      "format=duration",
      "-of",
      "csv=p=0",
      take.path,
    ]);
    const seconds = Number(stdout.toString());
    const deviations = [time(take.from) - granted, time(take.to) - ended, seconds * 1000 - (ended - granted)];
    off[take.source].push(...deviations.map(Math.abs));
    for (const each of deviations)
      assert.ok(
        Math.abs(each) < MAX_DEVIATION_MS[take.source],
        `${take.source} ${take.id}: ${deviations} ms beside its speech`,
      );
  }
  for (const [source, all] of Object.entries(off)) {
    console.log(`${source}: ${median(all)} ms beside the speech in the median, ${Math.max(...all)} ms at most`);
    assert.ok(median(all) < MAX_MEDIAN_MS[source], source);
  }
});

test("every file decodes without an error and has nothing of anybody but its speaker", async () => {
  for (const take of takes) {
    const { person } = speeches.find(({ id }) => id === take.speech);
    assert.equal(take.participant, person);
    if (take.source === "microphone") {
      const bytes = await decode(take.path, "-ac", "1", "-ar", `${RATE}`, "-f", "s16le");
      const samples = new Int16Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 2));
      // By fifths of a second, so that a moment of somebody else is not lost in the whole.
      for (let from = 0; from + RATE / 5 <= samples.length; from += RATE / 5) {
        const part = samples.subarray(from, from + RATE / 5);
        for (const other of speakers) {
          const strength = amplitude(part, people[other].tone);
          const at = `${take.id} of ${person} at ${from / RATE} s`;
          if (other !== person) assert.ok(strength < 0.02, `${at}: the tone of ${other}, ${strength}`);
          else if (from > 0) assert.ok(strength > 0.05, `${at}: no tone, ${strength}`);
        }
      }
    } else {
      const words = ["-vf", "crop=iw/4:ih/4:0:0,scale=1:1", "-pix_fmt", "rgb24", "-f", "rawvideo"];
      const pixels = await decode(take.path, ...words);
      assert.ok(pixels.length / 3 > (SPEECH_MS / 1000) * 5, `${take.id}: ${pixels.length / 3} pictures`);
      for (let at = 0; at < pixels.length; at += 3) {
        const colour = [...pixels.subarray(at, at + 3)];
        const isTheirs = people[person].colour.every((want, each) => Math.abs(want - colour[each]) < 45);
        assert.ok(isTheirs, `${take.id} of ${person}: picture ${at / 3} is ${colour}`);
      }
    }
  }
});

test("the log's chain of hashes is whole", async () => {
  await server.stop();
  await run(binary, ["journal", "verify", "--data", join(server.folder, "data")]);
});
