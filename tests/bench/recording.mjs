// The figures of a recorded address: the CPU of playing it to many listeners beside a live holder of the same frames, the
// first frame of who joins, and the distance of sound and picture.
//
//   node tests/bench/recording.mjs                    all, with the release binary
//   node tests/bench/recording.mjs sync first-frame   only these
//
// `LISTENERS`, `ROUNDS` and `WINDOW` (seconds) change the size.

import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { extractFrames, makeAddress } from "./lib/frames.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
process.env.PLENARY_BIN ??= join(root, "target/release/plenary");
const folder = await mkdtemp(join(tmpdir(), "plenary-bench-"));
const { Server, conferenceFile } = await import("../e2e/lib/server.mjs");
const { startChromium, takeSeat } = await import("../e2e/lib/browser.mjs");
const timed = await import("../e2e/lib/timed-recording.mjs");
const { pause, until } = await import("../e2e/lib/until.mjs");
const { startAudience, startHolder } = await import("./lib/clients.mjs");
const { watchStage } = await import("./lib/watch-stage.mjs");

const FRAMES_A_SECOND = 25;
/** After a speech has begun, before it is measured: keyframes are asked for, and the estimates of paths grow. */
const SETTLING_MS = 4000;
const listeners = Number(process.env.LISTENERS ?? 200);
const rounds = Number(process.env.ROUNDS ?? 7);
const windowSeconds = Number(process.env.WINDOW ?? 15);
const chosen = process.argv.slice(2);
const { median } = timed;
const rows = [];
const row = (figure, value, spread, target = "", met) =>
  rows.push({ figure, median: value, spread, target, met: met === undefined ? "" : met ? "yes" : "MISSED" });
const range = (values, digits) => `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`;

const conference = (count) =>
  conferenceFile({ floor: 'limit = "30m"' }) +
  Array.from(
    { length: count },
    (_, at) => `[[person]]\nid = "l${at}"\nname = "Listener ${at}"\nrole = "viewer"\n`,
  ).join("\n");

const address = join(folder, "address.webm");
const needsAddress = () => (needsAddress.made ??= makeAddress(address, 120, FRAMES_A_SECOND));

/** A room with an audience, in which the same frames are either sent by a holder or played from a file. */
class Hall {
  static async open(count) {
    const hall = new Hall();
    await needsAddress();
    hall.server = await Server.start({ conference: conference(count) });
    hall.chair = await hall.server.token("moderator-1");
    hall.tokyo = await hall.server.token("tokyo-1");
    await timed.addRecording(hall.server, address, "Address", hall.chair);
    const invitations = await hall.server.invitations();
    const seats = Array.from({ length: count }, (_, at) => invitations[`l${at}`].invitation);
    hall.audience = await startAudience(hall.server, seats, "climate");
    const frames = await extractFrames(address);
    hall.holder = await startHolder(hall.server, invitations["tokyo-1"].invitation, "climate", frames, FRAMES_A_SECOND);
    return hall;
  }

  #post(path, body = {}, token = this.chair) {
    return this.server.post(`/rooms/climate/${path}`, body, token);
  }

  /** Has `kind` go on while `measure` runs. */
  async during(kind, measure) {
    const before = (await this.audience.counts()).packets;
    let end;
    if (kind === "live") {
      const { id } = await this.#post("floor/requests", {}, this.tokyo);
      await this.#post(`floor/requests/${id}/grant`);
      end = () => this.#post(`floor/requests/${id}/revoke`);
    } else {
      await this.#post("recording/play", { media: "address", beneficiary: "seoul-1" });
      end = () => this.#post("recording/stop");
    }
    await until(`packets of the ${kind} speech`, async () => (await this.audience.counts()).packets > before, 60_000);
    await pause(SETTLING_MS);
    const measured = await measure();
    await end();
    await pause(1000);
    return measured;
  }

  async close() {
    this.holder.close();
    this.audience.close();
    await this.server.close();
  }
}

/** The CPU time of all threads of a process, in seconds. */
async function cpuSeconds(pid) {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / Number(execFileSync("getconf", ["CLK_TCK"]));
}

async function cpuBesideLive() {
  const hall = await Hall.open(listeners);
  const all = { live: [], recorded: [] };
  try {
    const measure = async () => {
      const [counts, cpu, at] = [await hall.audience.counts(), await cpuSeconds(hall.server.pid), performance.now()];
      await pause(windowSeconds * 1000);
      const [later, spent] = [await hall.audience.counts(), (await cpuSeconds(hall.server.pid)) - cpu];
      const seconds = (performance.now() - at) / 1000;
      const [packets, bytes] = [later.packets - counts.packets, later.bytes - counts.bytes];
      const each = (value) => value / seconds / listeners;
      return {
        load: (spent / seconds) * 100,
        micros: (spent / packets) * 1e6,
        packets: each(packets),
        bits: each(bytes) * 8,
      };
    };
    for (let round = 0; round < rounds; round++)
      for (const kind of round % 2 ? ["recorded", "live"] : ["live", "recorded"])
        all[kind].push(await hall.during(kind, measure));
  } finally {
    await hall.close();
  }
  const of = (kind, field) => all[kind].map((each) => each[field]);
  for (const kind of ["live", "recorded"]) {
    const words = `${kind === "live" ? "a live holder" : "an address"} at ${listeners} listeners`;
    const rate = `${median(of(kind, "packets")).toFixed(1)} packets, ${(median(of(kind, "bits")) / 1000).toFixed(0)} kbit a second`;
    row(
      `CPU of the server, ${words}, each ${rate}`,
      `${median(of(kind, "load")).toFixed(1)} %`,
      range(of(kind, "load"), 1),
    );
    row(`CPU for each packet, ${words}`, `${median(of(kind, "micros")).toFixed(2)} µs`, range(of(kind, "micros"), 2));
  }
  for (const [field, words] of [
    ["load", "CPU of an address to that of a live holder"],
    ["micros", "the same for each packet"],
  ]) {
    const ratios = all.live.map((live, at) => all.recorded[at][field] / live[field]);
    const ratio = median(ratios);
    row(`${words}, ${rounds} rounds in turn`, ratio.toFixed(3), range(ratios, 3), "≤ 1.1", ratio <= 1.1);
  }
}

async function firstFrame() {
  await needsAddress();
  const server = await Server.start({ conference: conference(0) });
  const browser = await startChromium();
  const values = [];
  try {
    const chair = await server.token("moderator-1");
    await timed.addRecording(server, address, "Address", chair);
    for (let round = 0; round < 2 * rounds + 1; round++) {
      if (round % 10 === 0) {
        if (round) await server.post("/rooms/climate/recording/stop", {}, chair);
        await server.post("/rooms/climate/recording/play", { media: "address", beneficiary: "seoul-1" }, chair);
      }
      const delhi = await takeSeat(browser, server, "delhi-1", watchStage);
      const first = () => delhi.evaluate(() => window.__frames[0]?.at - window.__helloAt);
      values.push(await until("a frame of the address", first));
      await delhi.close();
    }
  } finally {
    await browser.close();
    await server.close();
  }
  const value = median(values);
  const words = `who joins during an address: hello to its first decoded frame, ${values.length} times`;
  row(words, `${value.toFixed(0)} ms`, range(values, 0), "≤ 300 ms", value <= 300);
}

async function sync() {
  const server = await Server.start({ conference: conference(0) });
  const browser = await startChromium();
  const file = join(folder, "timed.webm");
  try {
    await timed.makeTimedRecording(file, 240);
    const chair = await server.token("moderator-1");
    await timed.addRecording(server, file, "Timed", chair);
    const command = (name, fields = {}) => server.post(`/rooms/climate/recording/${name}`, fields, chair);
    const seat = (person) => takeSeat(browser, server, person, timed.watchTimedRecording, timed.probe);
    const measure = async (words, page, seconds) => {
      const since = Date.now();
      await pause(seconds * 1000);
      const found = timed.distances(await page.evaluate(() => window.__timed), since);
      const value = median(found.map(Math.abs));
      const spread = `${range(found, 0)}, ${found.length} seconds`;
      row(`|A−V| in Chromium ${words}`, `${value.toFixed(0)} ms`, spread, "< 40 ms", value < 40);
    };
    const seoul = await seat("seoul-1");
    await command("play", { media: "timed", beneficiary: "taipei-1" });
    await measure("while it plays", seoul, 60);
    await command("pause");
    await pause(3000);
    await command("play");
    await measure("after a pause", seoul, 20);
    await command("seek", { position_ms: 180_000 });
    await measure("after a seek", seoul, 20);
    await command("seek", { position_ms: 60_000 });
    const delhi = await seat("delhi-1");
    await delhi.bringToFront();
    await measure("for who joins late", delhi, 20);
  } finally {
    await browser.close();
    await server.close();
  }
}

const figures = {
  cpu: cpuBesideLive,
  "first-frame": firstFrame,
  sync,
};
try {
  for (const [name, measure] of Object.entries(figures))
    if (chosen.length === 0 || chosen.includes(name)) await measure();
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`node tests/bench/recording.mjs ${chosen.join(" ")}, ${cpus().length} cores`);
console.table(rows);
