// What a server does with twice as many listeners as it can carry: who is seated hears and sees on, and who comes too late is
// told so. The server has one core and the load tool another (`taskset`), so neither takes from the other.
//
//   node tests/bench/overload.mjs
//
// A short run with few listeners says how many the core would carry; then twice as many come.

import { spawn } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { pause } from "../e2e/lib/until.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const tool = process.env.PLENARY_LOAD_BIN ?? join(root, "target/release/plenary-load");
const plenary = process.env.PLENARY_BIN ?? join(root, "target/release/plenary");

/** Listeners of the short run, of which the tool itself takes little. */
const FEW = 200;
/** The part of the core at which the server refuses newcomers (`crates/media/src/pressure.rs`). */
const FULL = 0.85;
const LOAD = ["--publishers", "4", "--tiles", "3", "--simulcast", "--bitrate", "3M"];

if (cpus().length < 2) throw new Error("this needs two cores: one for the server and one for the load tool");
const folder = await mkdtemp(join(tmpdir(), "plenary-overload-"));
const onOneCore = join(folder, "plenary");
await writeFile(onOneCore, `#!/bin/sh\nexec taskset -c 0 '${plenary}' "$@"\n`);
await chmod(onOneCore, 0o755);
process.env.PLENARY_BIN = onOneCore;
const { startCrowdedServer } = await import("./lib/crowded-server.mjs");

/** Puts the server under load; returns the tool's report, and what the server had given up at the worst. */
async function load(listeners, seconds) {
  const { server, report, asked } = await startCrowdedServer(listeners);
  try {
    const words = ["--room", "climate", "--listeners", String(listeners), "--seconds", String(seconds), ...LOAD];
    const child = spawn("taskset", ["-c", "1", tool, ...asked, ...words], { stdio: "ignore" });
    let running = true;
    const ended = new Promise((done) => child.once("close", done)).finally(() => (running = false));
    const worst = { degradation: 0, busy: 0, ungranted: 0 };
    while (running) {
      const metrics = await (await fetch(`${server.ops}/metrics`)).text();
      const most = (name) => {
        const values = [...metrics.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)`, "gm"))];
        return Math.max(0, ...values.map(([, value]) => Number(value)));
      };
      worst.degradation = Math.max(worst.degradation, most("plenary_media_degradation"));
      worst.busy = Math.max(worst.busy, most("plenary_media_busy_millis"));
      worst.ungranted = most("plenary_media_ungranted_packets_forwarded_total");
      await Promise.race([pause(500), ended]);
    }
    const code = await ended;
    if (code !== 0) throw new Error(`plenary-load ended with ${code}`);
    return { worst, ...JSON.parse(await readFile(report, "utf8")) };
  } finally {
    await server.close();
  }
}

try {
  const few = await load(FEW, 10);
  const capacity = Math.round((FEW * FULL * 100) / few.server_side.cpu_percent);
  const many = await load(2 * capacity, 20);
  const row = (listeners, { joins, packets, freezes, delay, server_side: side, worst }) => ({
    asked: listeners,
    seated: joins.joined - LOAD[1],
    refused: joins.failed.unavailable ?? 0,
    "other failures": Object.entries(joins.failed).filter(([code]) => code !== "unavailable").length,
    loss: `${packets.loss_percent.toFixed(3)} %`,
    "freezes of sound": freezes.sound.count,
    "freezes of pictures": freezes.picture.count,
    "delay, median": `${delay.median.toFixed(1)} ms`,
    "99th": `${delay.p99.toFixed(1)} ms`,
    "server CPU": `${side.cpu_percent.toFixed(0)} %`,
    busiest: `${(worst.busy / 10).toFixed(0)} %`,
    "given up": ["nothing", "newcomers", "newcomers, tiles", "newcomers, tiles, the large stage"][worst.degradation],
    ungranted: worst.ungranted,
  });
  console.log(`node tests/bench/overload.mjs, plenary-load ${LOAD.join(" ")}`);
  console.table([row(FEW, few), row(2 * capacity, many)]);
} finally {
  await rm(folder, { recursive: true });
}
