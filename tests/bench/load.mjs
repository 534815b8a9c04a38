// How many listeners one machine carries: the release binary under `plenary-load`, both on this machine. Prints a row for
// each number of listeners, with the command that measured it.
//
//   node tests/bench/load.mjs            50, 200, 400 and 1,000 listeners of one stage
//   node tests/bench/load.mjs 50 2000    these numbers
//
// `SECONDS` changes how long each is measured, `MORE` adds options of `plenary-load`.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
process.env.PLENARY_BIN ??= join(root, "target/release/plenary");
const { startCrowdedServer } = await import("./lib/crowded-server.mjs");

const tool = process.env.PLENARY_LOAD_BIN ?? join(root, "target/release/plenary-load");
const sizes = process.argv.slice(2).map(Number);
const seconds = process.env.SECONDS ?? "30";
const more = process.env.MORE?.split(" ") ?? [];
const rows = [];
const commands = [];

for (const listeners of sizes.length ? sizes : [50, 200, 400, 1000]) {
  const { server, report, asked: here } = await startCrowdedServer(listeners);
  /** The private memory of the server, in bytes. */
  const memory = async () =>
    1024 * Number((await readFile(`/proc/${server.pid}/status`, "utf8")).match(/RssAnon:\s+(\d+)/)[1]);
  try {
    const empty = await memory();
    let most = empty;
    const sampling = setInterval(async () => (most = Math.max(most, await memory().catch(() => 0))), 500);
    const asked = ["--room", "climate", "--listeners", String(listeners), "--seconds", seconds, ...more];
    await promisify(execFile)(tool, [...here, ...asked]).finally(() => clearInterval(sampling));
    commands.push(`plenary-load --server URL --invitations FILE --metrics URL ${asked.join(" ")}`);
    const { packets, server_side: side, delay, freezes, joins, tool: own } = JSON.parse(await readFile(report, "utf8"));
    const millis = (value) => `${value?.toFixed(1)} ms`;
    rows.push({
      listeners: joins.joined - 1,
      "packets out a second": Math.round(side.packets_forwarded / Number(seconds)),
      "Mbit/s": Math.round(packets.received_bits_per_second / 1e6),
      "server CPU": `${side.cpu_percent.toFixed(0)} %`,
      "CPU a packet": `${side.cpu_micros_per_forwarded_packet?.toFixed(2)} µs`,
      "delay, median": millis(delay.median),
      "99th": millis(delay.p99),
      loss: `${packets.loss_percent.toFixed(3)} %`,
      freezes: freezes.picture.count + freezes.sound.count,
      "first media, 95th": millis(joins.first_media.p95),
      "tool CPU": `${own.cpu_percent.toFixed(0)} %`,
      "turn, 99th": millis(own.turn.p99),
      "memory a listener": `${Math.round((most - empty) / 1024 / listeners)} KiB`,
    });
  } finally {
    await server.close();
  }
}
console.log(`node tests/bench/load.mjs, ${cpus().length} cores`);
console.table(rows);
for (const command of commands) console.log(command);
