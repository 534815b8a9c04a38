// How many listeners one machine carries: the release binary under `plenary-load`, both on this machine. Prints a row for
// each number of listeners, with the command that measured it.
//
//   node tests/bench/load.mjs            50, 200, 400 and 1,000 listeners of one stage
//   node tests/bench/load.mjs 50 2000    these numbers
//
// `SECONDS` changes how long each is measured, `MORE` adds options of `plenary-load`.

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
process.env.PLENARY_BIN ??= join(root, "target/release/plenary");
const { Server, conferenceFile } = await import("../e2e/lib/server.mjs");

const tool = process.env.PLENARY_LOAD_BIN ?? join(root, "target/release/plenary-load");
const sizes = process.argv.slice(2).map(Number);
const seconds = process.env.SECONDS ?? "30";
const more = process.env.MORE?.split(" ") ?? [];
const rows = [];
const commands = [];

for (const listeners of sizes.length ? sizes : [50, 200, 400, 1000]) {
  const viewers = Array.from(
    { length: listeners },
    (_, at) => `\n[[person]]\nid = "viewer-${at}"\nname = "Viewer ${at}"\nrole = "viewer"\n`,
  );
  const server = await Server.start({ conference: conferenceFile() + viewers.join("") });
  try {
    const invitations = join(server.folder, "invitations.json");
    const json = join(server.folder, "report.json");
    await writeFile(invitations, JSON.stringify(await server.invite()));
    const asked = ["--room", "climate", "--listeners", String(listeners), "--seconds", seconds, ...more];
    const here = ["--server", server.url, "--invitations", invitations, "--metrics", `${server.ops}/metrics`];
    await promisify(execFile)(tool, [...here, ...asked, "--json", json]);
    commands.push(`plenary-load --server URL --invitations FILE --metrics URL ${asked.join(" ")}`);
    const { packets, server_side: side, delay, freezes, joins, tool: own } = JSON.parse(await readFile(json, "utf8"));
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
    });
  } finally {
    await server.close();
  }
}
console.log(`node tests/bench/load.mjs, ${cpus().length} cores`);
console.table(rows);
for (const command of commands) console.log(command);
