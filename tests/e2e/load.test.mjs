// `plenary-load` against a real server: its numbers are those of the server, and its refusals are sentences.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startChromium } from "./lib/browser.mjs";
import { freePort } from "./lib/free-port.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { testCertificate } from "./lib/test-ca.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const tool = process.env.PLENARY_LOAD_BIN ?? join(root, "target/debug/plenary-load");

const viewers = Array.from(
  { length: 4 },
  (_, at) => `\n[[person]]\nid = "viewer-${at}"\nname = "Viewer ${at}"\nrole = "viewer"\n`,
);
let server;
let invitations;

before(async () => {
  server = await Server.start({ conference: conferenceFile() + viewers.join("") });
  invitations = join(server.folder, "invitations.json");
  await writeFile(invitations, JSON.stringify(await server.invite()));
});
after(() => server.close());

/** Runs the tool to its end. */
async function load(words, input = "") {
  const child = spawn(tool, words, { stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise((done) => child.once("close", done));
  // A tool that refuses its options does not read.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [out, errors] = await Promise.all([child.stdout, child.stderr].map((stream) => stream.toArray()));
  return { code: await ended, out: Buffer.concat(out).toString(), errors: Buffer.concat(errors).toString() };
}

const inRoom = (...words) => ["--server", server.url, "--invitations", invitations, "--room", "climate", ...words];

/** The report of a run that succeeds. */
async function report(...words) {
  const { code, out, errors } = await load([...words, "--json", "-"]);
  assert.equal(code, 0, errors);
  return JSON.parse(out);
}

test("what listeners received is what the server forwarded, with its CPU time", async () => {
  const metrics = `${server.ops}/metrics`;
  const found = await report(
    ...inRoom("--listeners", "4", "--publishers", "2", "--seconds", "4", "--floor-every", "1", "--metrics", metrics),
  );
  const { joins, packets, server_side: side, floor, delay } = found;
  assert.equal(joins.joined, 6);
  assert.deepEqual([joins.failed, joins.lost], [{}, {}]);
  assert.equal(joins.first_media.count, 4);
  assert.equal(packets.lost, 0);
  // The counters are read a moment before and after, over HTTP.
  const difference = side.packets_forwarded / packets.received;
  assert.ok(difference > 0.95 && difference < 1.3, `${side.packets_forwarded} and ${packets.received}`);
  assert.ok(packets.sent / side.packets_received > 0.7, `${packets.sent} and ${side.packets_received}`);
  assert.ok(side.cpu_seconds > 0 && side.cpu_micros_per_forwarded_packet > 0);
  assert.ok(delay.count > 0 && delay.median > 0);
  assert.ok(floor.commands >= 3, `${floor.commands} changes`);
  assert.deepEqual(floor.refused, {});
  assert.equal(floor.sound.fewest, 4, "each listener heard every new holder");
  assert.ok(floor.picture.each.count >= 8);
});

test("a bad network is seen in the report, and lost pictures come again", async () => {
  const words = ["--listeners", "3", "--seconds", "4", "--loss", "5", "--direction", "down", "--delay", "40"];
  const { packets, delay } = await report(...inRoom(...words));
  assert.ok(packets.loss_percent > 2 && packets.loss_percent < 9, `${packets.loss_percent} %`);
  assert.ok(packets.repaired > 0);
  assert.ok(delay.median >= 40, `${delay.median} ms`);
});

test("simulcast, voices, tiles, churn and a second thread", async () => {
  const words = ["--publishers", "2", "--voice-publishers", "1", "--listeners", "4", "--simulcast", "--tiles", "2"];
  const more = ["--voices", "2", "--churn", "60", "--seconds", "4", "--threads", "2"];
  const { joins, packets } = await report(...inRoom(...words, ...more));
  assert.ok(joins.joined > 7, `${joins.joined} joins`);
  assert.deepEqual([joins.failed, joins.lost], [{}, {}]);
  assert.ok(packets.received > 0);
});

test("the page shows its charts in both schemes, without a script", async () => {
  const html = join(server.folder, "report.html");
  const { code, out, errors } = await load(inRoom("--listeners", "2", "--seconds", "2", "--html", html));
  assert.equal(code, 0, errors);
  assert.match(out, /delivery delay +median [\d.]+, 95th [\d.]+, 99th [\d.]+, longest [\d.]+ ms/);
  const page = await readFile(html, "utf8");
  assert.doesNotMatch(page, /<script|src=|https?:\/\/(?!127)/);
  const browser = await startChromium();
  try {
    const tab = await browser.context.newPage();
    await tab.goto(`file://${html}`);
    const colours = [];
    for (const colorScheme of ["light", "dark"]) {
      await tab.emulateMedia({ colorScheme });
      const [lengths, colour] = await tab.evaluate(() => [
        [...document.querySelectorAll("svg path.line")].map((path) => path.getTotalLength()),
        getComputedStyle(document.body).backgroundColor,
      ]);
      assert.equal(lengths.length, 5);
      assert.ok(
        lengths.every((length) => length > 0),
        `${lengths}`,
      );
      colours.push(colour);
    }
    assert.notEqual(colours[0], colours[1]);
  } finally {
    await browser.close();
  }
});

test("a server by TLS, with a certificate that is named", async () => {
  const certificate = await testCertificate(server.folder, ["127.0.0.1"]);
  const secure = await Server.start({
    conference: conferenceFile(),
    environment: {
      PLENARY_LISTEN__HTTPS: "127.0.0.1:0",
      PLENARY_TLS__CERTIFICATE: certificate.certificate,
      PLENARY_TLS__KEY: certificate.key,
    },
  });
  try {
    const url = secure.ready.https.startsWith("https") ? secure.ready.https : `https://${secure.ready.https}`;
    const words = ["--server", url, "--room", "climate", "--listeners", "2", "--seconds", "1"];
    const input = JSON.stringify(await secure.invite());
    const trusted = await load([...words, "--authority", certificate.authority], input);
    assert.equal(trusted.code, 0, trusted.errors);
    const untrusted = await load(words, input);
    assert.equal(untrusted.code, 1);
    assert.match(untrusted.errors, /cannot be reached: .*certificate/);
  } finally {
    await secure.close();
  }
});

test("what cannot be done is a sentence and a code of its own", async () => {
  const refusals = [
    [["--server", "ftp://example.org", "--invitations", invitations], /is no address of a server: write http:/],
    [["--server", `http://127.0.0.1:${await freePort()}`, "--invitations", invitations], /cannot be reached/],
    [["--server", server.url], /there is no invitation: give those that `plenary invite/, ""],
    [["--server", server.url], /refused invitation 1: .+ \(unauthorized\)/, "eyJ.nonsense.x\n"],
    [inRoom("--listeners", "500"), /500 listeners are wanted in the room "climate" and the invitations suffice for/],
    [["--server", server.url, "--invitations", join(server.folder, "none")], /none cannot be read/],
    [inRoom("--publishers", "0", "--listeners", "1", "--seconds", "1"), /no listener received any media/],
    [inRoom("--metrics", `http://127.0.0.1:${await freePort()}/metrics`), /cannot be reached/],
  ];
  for (const [words, sentence, input] of refusals) {
    const { code, errors } = await load(words, input);
    assert.equal(code, 1, `${words}: ${errors}`);
    assert.match(errors, sentence);
  }
  const { code, errors } = await load(inRoom("--loss", "many"));
  assert.equal(code, 2);
  assert.match(errors, /it is a percentage from 0 to 100/);
});
