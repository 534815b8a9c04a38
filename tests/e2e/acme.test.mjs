// A certificate by ACME, from Pebble: the first one, its renewal, and what a server does while there is none to be had.

import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import tls from "node:tls";
import WebSocket from "ws";
import { freePort } from "./lib/free-port.mjs";
import { Pebble } from "./lib/pebble.mjs";
import { Server } from "./lib/server.mjs";
import { testCertificate } from "./lib/test-ca.mjs";
import { until } from "./lib/until.mjs";

const DOMAINS = ["conference.example.org", "www.example.org"];
/** Of a certificate whose renewal is waited for: a third of it is left after 8 s. */
const SHORT_LIFE_SECONDS = 12;
/** A renewal is due within that, and a server that was not reached is tried again. */
const RENEWAL_TIMEOUT_MS = 60_000;

let folder, authority;
const running = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "plenary-acme-"));
  authority = await testCertificate(folder);
});

after(async () => {
  for (const each of running.reverse()) await each();
  await rm(folder, { recursive: true, force: true });
});

/** An ACME server that is not started yet. */
async function pebble(validation, lifetime) {
  const server = await Pebble.on({ folder, tls: authority, validation, lifetime });
  running.push(() => server.stop());
  return server;
}

/** A server with HTTPS at that port. */
async function plenary(port, environment) {
  const server = await Server.start({ environment: { PLENARY_LISTEN__HTTPS: `127.0.0.1:${port}`, ...environment } });
  running.push(() => server.close());
  return server;
}

/** The certificate that a new connection is shown; none while there is none. With `ca` it has to be of that authority. */
function shown(port, { servername = DOMAINS[0], ca } = {}) {
  const trust = ca ? { ca } : { rejectUnauthorized: false };
  return new Promise((done) => {
    const socket = tls.connect({ host: "127.0.0.1", port, servername, ...trust }, () => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      done(certificate);
    });
    socket.once("error", (error) => (ca ? done(error.message) : done(null)));
  });
}

const untilShown = (port, isIt) =>
  until("the certificate is shown", async () => isIt((await shown(port))?.fingerprint256), RENEWAL_TIMEOUT_MS);

const untilLogged = (server, text) =>
  until(`the log has: ${text}`, () => server.log.includes(text), RENEWAL_TIMEOUT_MS);

async function alarms(server) {
  const health = await server.get("/health", await server.token("operator-1"));
  return health.server.alarms.filter(({ kind }) => kind.startsWith("certificate_not"));
}

/** A seat by WebSocket that stays. */
async function seat(server, port, ca) {
  const token = await server.token("tokyo-1");
  const options = { ca, servername: DOMAINS[0], checkServerIdentity: () => undefined };
  const socket = new WebSocket(`wss://127.0.0.1:${port}/api/v1/ws`, "plenary.v1", options);
  const messages = [];
  socket.on("message", (text) => messages.push(JSON.parse(text).type));
  socket.once("open", () => socket.send(JSON.stringify({ type: "hello", token, room: "climate" })));
  await until("the seat is taken", () => messages.includes("welcome"));
  return socket;
}

const answers = (socket) =>
  new Promise((done) => {
    socket.once("pong", () => done(true));
    socket.ping();
  });

test("the first certificate is issued at the start, and a restart shows it again without an order", async () => {
  const port = await freePort();
  const acme = await pebble(port);
  await acme.start();
  const server = await plenary(port, acme.environment(DOMAINS));
  await until("a certificate is shown", () => shown(port));
  const ca = await acme.root();
  for (const servername of DOMAINS) {
    const certificate = await shown(port, { servername, ca });
    assert.match(certificate.issuer ?? certificate, /Pebble Intermediate CA/);
    assert.match(certificate.subjectAltName, new RegExp(`DNS:${servername}`));
  }
  assert.match(await shown(port, { servername: "other.example.org", ca }), /does not match/);
  const first = await shown(port);
  assert.equal(acme.issued, 1);
  assert.deepEqual(await alarms(server), []);
  assert.equal(await server.metric("plenary_certificate_failing"), 0);
  assert.ok((await server.metric("plenary_certificate_remaining_seconds")) > 80_000);

  const kept = join(server.folder, "data/acme");
  const [own] = await readdir(kept);
  assert.deepEqual((await readdir(join(kept, own))).sort(), ["account.json", "certificate.pem"]);
  for (const file of ["account.json", "certificate.pem"]) {
    assert.equal((await stat(join(kept, own, file))).mode & 0o777, 0o600, file);
  }

  await server.restart();
  assert.equal((await shown(port)).fingerprint256, first.fingerprint256);
  assert.equal(acme.issued, 1, acme.log);

  // A name that is added is a new order of the same account; the old certificate is shown meanwhile.
  server.environment.PLENARY_ACME__DOMAINS = [...DOMAINS, "new.example.org"].join(",");
  await server.restart();
  await untilShown(port, (it) => it !== first.fingerprint256);
  assert.match((await shown(port, { servername: "new.example.org", ca })).subjectAltName, /DNS:new\.example\.org/);
});

test("a renewal closes no connection; one that fails is an alarm, keeps the old certificate, and is tried again", async () => {
  const port = await freePort();
  const acme = await pebble(port, SHORT_LIFE_SECONDS);
  await acme.start();
  const server = await plenary(port, acme.environment(DOMAINS));
  await until("a certificate is shown", () => shown(port));
  const first = (await shown(port)).fingerprint256;
  const socket = await seat(server, port, await acme.root());
  await untilShown(port, (it) => it && it !== first);
  assert.ok(await answers(socket));
  assert.deepEqual(await alarms(server), []);

  await acme.stop();
  const last = (await shown(port)).fingerprint256;
  const [alarm] = await until(
    "there is an alarm",
    async () => {
      const all = await alarms(server);
      return all.length > 0 && all;
    },
    RENEWAL_TIMEOUT_MS,
  );
  assert.equal(alarm.kind, "certificate_not_issued");
  assert.match(alarm.detail, /localhost:\d+ cannot be reached: Connection refused/);
  assert.match(alarm.detail, /The server tries again at 20/);
  assert.equal(await server.metric("plenary_certificate_failing"), 1);
  assert.match(await (await fetch(`${server.ops}/readyz`)).text(), /^ready, but No new certificate of https/);
  assert.equal((await shown(port)).fingerprint256, last);
  assert.ok(await answers(socket));

  // It comes back with another authority, and knows the account no longer.
  await acme.start();
  await untilShown(port, (it) => it !== last);
  assert.match(server.log, /does not know the account/);
  await until("the alarm has ended", async () => (await alarms(server)).length === 0);
  assert.ok(await answers(socket));
  socket.close();
});

test("without an ACME server at the first start everything else runs, and https serves as soon as there is one", async () => {
  const port = await freePort();
  const acme = await pebble(port);
  const server = await plenary(port, acme.environment(DOMAINS));
  await untilLogged(server, "There is no certificate of https yet, so no browser can open the pages");
  assert.equal(await shown(port), null);
  assert.equal((await fetch(server.url)).status, 200);
  assert.equal((await alarms(server)).length, 1);
  await acme.start();
  await untilShown(port, (it) => it);
  assert.deepEqual(await alarms(server), []);
});

test("what an order can fail of is a sentence each, and the server runs", async () => {
  const port = await freePort();
  // It looks for challenges where nothing listens.
  const acme = await pebble(await freePort());
  await acme.start();
  const environment = acme.environment(DOMAINS);
  for (const [change, sentence] of [
    // Which of the names it tries first is its own choice.
    [{}, " is this server: Failed to connect"],
    [{ PLENARY_ACME__DIRECTORY: `https://localhost:${acme.port}/nothing` }, "/nothing answers 404 Not Found"],
    [{ PLENARY_ACME__DIRECTORY: `https://localhost:${acme.management}/roots/0` }, "is no directory of an ACME server"],
    [{ PLENARY_ACME__CA: "" }, "localhost is not trusted: "],
  ]) {
    const server = await plenary(port, { ...environment, ...change });
    await untilLogged(server, sentence);
    assert.equal((await fetch(server.url)).status, 200);
    assert.equal(await shown(port), null);
    await server.stop();
  }
  const words = { ...environment, PLENARY_ACME__CA: join(folder, "nowhere.pem") };
  await assert.rejects(plenary(port, words), /acme\.ca: .*nowhere\.pem cannot be read/);
});
