// The CPU time of a packet beside that of Janus, both servers under the same `plenary-load`, in alternating rounds.
//
//   node tests/bench/janus.mjs
//
// Needs Debian's package `janus`. `ROUNDS` and `SECONDS` change how often and how long each server is measured.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { cpus, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { until } from "../e2e/lib/until.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
process.env.PLENARY_BIN ??= join(root, "target/release/plenary");
const { startCrowdedServer } = await import("./lib/crowded-server.mjs");

const tool = process.env.PLENARY_LOAD_BIN ?? join(root, "target/release/plenary-load");
const janus = process.env.JANUS_BIN ?? "janus";
const rounds = Number(process.env.ROUNDS ?? 3);
const seconds = process.env.SECONDS ?? "8";
const LISTENERS = 50;
/** What the load tool is asked for both servers, and for Plenary alone. */
const SCENES = [
  {
    name: "one publisher, 240 packets a second of 1,200 bytes",
    asked: "--packets 240 --packet-bytes 1200 --no-sound",
    alone: "",
    target: 1 / 6,
  },
  {
    name: "15 publishers: 12 tiles of 100 kbit/s, 3 voices",
    asked: "--publishers 12 --voice-publishers 3 --bitrate 100k --no-sound --tiles 12 --voices 3 --no-stage",
    alone: "--gallery",
    conference: { delegates: 15, floor: 'mode = "open"\nnom = 3' },
    target: 1 / 4,
  },
];

/** A TCP port that nothing listens on. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Starts a Janus that has the video room alone. */
async function startJanus() {
  const folder = await mkdtemp(join(tmpdir(), "plenary-janus-"));
  const port = await freePort();
  const plugins = "audiobridge duktape echotest lua nosip recordplay sip streaming textroom videocall voicemail";
  const transports = "http mqtt nanomsg pfunix rabbitmq";
  const without = (names) =>
    names
      .split(" ")
      .map((name) => `libjanus_${name}.so`)
      .join(",");
  await writeFile(
    join(folder, "janus.jcfg"),
    `general: {\n configs_folder = "${folder}"\n debug_level = 2\n event_loops = 2\n}\n` +
      `nat: {\n ice_lite = true\n}\nplugins: {\n disable = "${without(plugins)}"\n}\n` +
      `transports: {\n disable = "${without(transports)}"\n}\n`,
  );
  await writeFile(
    join(folder, "janus.transport.websockets.jcfg"),
    `general: {\n ws = true\n ws_port = ${port}\n ws_ip = "127.0.0.1"\n json = "compact"\n}\n`,
  );
  const child = spawn(janus, ["-F", folder, "-C", join(folder, "janus.jcfg")], { stdio: "ignore" });
  const ended = new Promise((done) => child.once("close", done));
  const url = `ws://127.0.0.1:${port}`;
  const close = async () => {
    child.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await until("Janus listens", () =>
      fetch(`http://127.0.0.1:${port}`).then(
        () => true,
        (error) => isAnswer(error),
      ),
    );
  } catch (error) {
    await close();
    throw error;
  }
  return { pid: child.pid, url, close };
}

/** Whether something is there, though it speaks no HTTP. */
const isAnswer = (error) => error.cause?.code !== undefined && error.cause.code !== "ECONNREFUSED";

const measure = async (asked, report) => {
  await promisify(execFile)(tool, [...asked, "--listeners", String(LISTENERS), "--seconds", seconds]);
  const { process: side, packets } = JSON.parse(await readFile(report, "utf8"));
  return { micros: side.cpu_micros_per_received_packet, lost: packets.loss_percent, received: packets.received };
};

const words = (options) => options.split(" ").filter(Boolean);

async function measureJanus(options) {
  const server = await startJanus();
  const folder = await mkdtemp(join(tmpdir(), "plenary-janus-report-"));
  const report = join(folder, "report.json");
  try {
    const there = ["--janus", server.url, "--process", String(server.pid), "--json", report];
    return await measure([...there, ...words(options)], report);
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measurePlenary(options, conference) {
  const { server, report, asked } = await startCrowdedServer(LISTENERS, conference);
  try {
    const there = [...asked, "--process", String(server.pid), "--room", "climate"];
    return await measure([...there, ...words(options)], report);
  } finally {
    await server.close();
  }
}

const isThere = await promisify(execFile)(janus, ["--version"]).then(
  () => true,
  (error) => error.code !== "ENOENT",
);
if (!isThere) {
  console.log("Janus is not installed, so nothing is compared with it: apt-get install janus");
  process.exit(0);
}

const sorted = (values) => values.toSorted((a, b) => a - b);
const median = (values) => sorted(values)[Math.floor(values.length / 2)];
const shown = (values) => {
  const [least, most] = [sorted(values)[0], sorted(values).at(-1)];
  return `${median(values).toFixed(2)} µs (${least.toFixed(2)} to ${most.toFixed(2)})`;
};

const rows = [];
for (const { name, asked, alone, conference, target } of SCENES) {
  const [theirs, ours] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    theirs.push(await measureJanus(asked));
    ours.push(await measurePlenary(`${asked} ${alone}`, conference));
  }
  const micros = (runs) => runs.map((run) => run.micros);
  const ratio = median(micros(ours)) / median(micros(theirs));
  rows.push({
    scene: name,
    Janus: shown(micros(theirs)),
    Plenary: shown(micros(ours)),
    ratio: ratio.toFixed(3),
    target: `≤ ${target.toFixed(3)}`,
    met: ratio <= target ? "yes" : "MISSED",
    "packets of each": `${median(theirs.map((run) => run.received))} and ${median(ours.map((run) => run.received))}`,
    "lost by each": `${median(theirs.map((run) => run.lost)).toFixed(2)} and ${median(ours.map((run) => run.lost)).toFixed(2)} %`,
  });
}
console.log(
  `node tests/bench/janus.mjs, ${cpus().length} cores, ${LISTENERS} listeners, ${rounds} rounds of ${seconds} s`,
);
console.table(rows);
for (const { asked, alone } of SCENES) {
  const command = `plenary-load --listeners ${LISTENERS} --seconds ${seconds} ${asked}`;
  console.log(`${command} --janus URL --process PID\n${command} ${alone} --room climate --server URL --process PID`);
}
