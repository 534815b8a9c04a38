// The configurations of config/proxies, run by nginx, Caddy and HAProxy themselves: page, API, WebSocket, compression, a path,
// and the client's address. Only addresses, names and files are replaced in them.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import http2 from "node:http2";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import WebSocket from "ws";
import { freePort } from "./lib/free-port.mjs";
import { Server } from "./lib/server.mjs";
import { testCertificate } from "./lib/test-ca.mjs";
import { until } from "./lib/until.mjs";

const CONFIGURATIONS = fileURLToPath(new URL("../../config/proxies/", import.meta.url));
/** More wrong invitations than an address may send at once, and in the time that the test takes. */
const MAX_GUESSES = 300;

let folder, tls;
const running = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "plenary-proxies-"));
  tls = await testCertificate(folder, ["localhost", "conference.example.org"]);
});

after(async () => {
  for (const each of running.reverse()) await each.close();
  await rm(folder, { recursive: true, force: true });
});

/** The text of a configuration with values of the test in place of its own. Each of its own has to be there. */
async function configuration(name, values) {
  let text = await readFile(join(CONFIGURATIONS, name), "utf8");
  for (const [own, ours] of Object.entries(values)) {
    assert.ok(text.includes(own), `${name} has no ${own}`);
    text = text.replaceAll(own, ours);
  }
  return text;
}

/** A server that is reached at `port` of localhost, below `path`. */
async function plenary(port, { path = "", environment = {} } = {}) {
  const server = await Server.start({ publicUrl: `https://localhost:${port}${path}`, environment });
  running.push(server);
  return server;
}

/** Starts a proxy, and waits until it listens. */
async function proxy(port, program, words) {
  let log = "";
  const env = { ...process.env, HOME: folder, PATH: `${process.env.PATH}:/usr/sbin` };
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"], env });
  for (const out of [child.stdout, child.stderr]) out.on("data", (chunk) => (log += chunk));
  const exited = new Promise((done) => child.once("exit", done));
  running.push({
    close: async () => {
      child.kill();
      await exited;
    },
  });
  await until(`${program} listens`, () => {
    assert.equal(child.exitCode, null, log);
    return new Promise((done) => {
      const socket = net.connect(port, "127.0.0.1");
      socket.once("connect", () => (socket.destroy(), done(true))).once("error", () => done(false));
    });
  });
}

/** A request by HTTPS from an address of this machine that is no proxy's. */
function ask(port, method, path, { headers = {}, body, from = "127.0.0.2", servername = "localhost" } = {}) {
  return new Promise((done, fail) => {
    const host = `${servername}:${port}`;
    const options = { port, method, path, headers: { host, ...headers }, ca: tls.ca, localAddress: from, servername };
    const request = https.request({ host: "127.0.0.1", ...options }, async (answer) => {
      const parts = [];
      for await (const part of answer) parts.push(part);
      const bytes = Buffer.concat(parts);
      const isCompressed = answer.headers["content-encoding"] === "gzip" && bytes.length > 0;
      const text = (isCompressed ? gunzipSync(bytes) : bytes).toString();
      done({ status: answer.statusCode, headers: answer.headers, text });
    });
    request.once("error", fail);
    request.end(body);
  });
}

const json = (token) => ({ "content-type": "application/json", authorization: `Bearer ${token}` });

const guess = (port, from, more = {}) =>
  ask(port, "POST", "/api/v1/invitations/redeem", {
    from,
    body: JSON.stringify({ invitation: "wrong" }),
    ...more,
    headers: { "content-type": "application/json", ...more.headers },
  });

/** Joins the room by WebSocket; returns the welcome. */
async function joinRoom(port, token, path = "", more = {}) {
  const socket = new WebSocket(`wss://localhost:${port}${path}/api/v1/ws`, "plenary.v1", { ca: tls.ca, ...more });
  const welcome = await new Promise((done, fail) => {
    socket.once("error", fail).once("close", (code) => fail(new Error(`closed with ${code}`)));
    socket.once("open", () => socket.send(JSON.stringify({ type: "hello", token, room: "climate" })));
    socket.on("message", (text) => {
      const message = JSON.parse(text);
      if (message.type === "welcome") done(message);
    });
  });
  socket.removeAllListeners("close").close();
  return welcome;
}

/** What every proxy for HTTP has to get right. */
async function check(server, port, { path }) {
  const page = await ask(port, "GET", "/");
  assert.equal(page.status, 200);
  assert.match(page.text, /^<!doctype html>/);
  assert.match(page.headers["content-security-policy"], /^default-src 'none'/);
  const again = await ask(port, "GET", "/", { headers: { "if-none-match": page.headers.etag } });
  assert.equal(again.status, 304);

  // A version that the proxy has compressed, and so has marked, still names the state that it is of.
  const token = await server.token("moderator-1");
  const headers = { ...json(token), "accept-encoding": "gzip" };
  const floor = await ask(port, "GET", "/api/v1/rooms/climate/floor", { headers });
  assert.equal(floor.headers["content-encoding"], "gzip", JSON.stringify(floor.headers));
  assert.ok("mode" in JSON.parse(floor.text));
  const change = { headers: { ...json(token), "if-match": floor.headers.etag }, body: JSON.stringify({ nom: 2 }) };
  assert.equal((await ask(port, "PATCH", "/api/v1/rooms/climate/floor", change)).status, 200, floor.headers.etag);
  assert.equal((await ask(port, "PATCH", "/api/v1/rooms/climate/floor", change)).status, 412);

  assert.equal((await joinRoom(port, token)).room.id, "climate");
  if (path) {
    const below = await ask(path, "GET", "/plenary/");
    assert.match(below.text, /^<!doctype html>/);
    const [, script] = below.text.match(/src="\.\/(assets\/[^"]+)"/);
    assert.equal((await ask(path, "GET", `/plenary/${script}`)).status, 200);
    assert.equal((await joinRoom(path, token, "/plenary")).room.id, "climate");
  }
  await checkAddresses(port);
}

/** Each client counts for itself, whatever it says of itself. */
async function checkAddresses(port, more = {}) {
  const lies = (at) => ({ headers: { "x-forwarded-for": `198.51.100.${at}`, forwarded: `for=198.51.100.${at}` } });
  let status = 401;
  for (let at = 0; at < MAX_GUESSES && status === 401; at += 1) {
    ({ status } = await guess(port, "127.0.0.2", { ...lies(at % 250), ...more }));
  }
  assert.equal(status, 429, "the client was believed");
  assert.equal((await guess(port, "127.0.0.3", more)).status, 401, "another client was counted with it");
}

test("nginx", async () => {
  const [port, path] = [await freePort(), await freePort()];
  const server = await plenary(port, { path: "/plenary/" });
  const site = await configuration("nginx.conf", {
    "listen 443 ssl": `listen 127.0.0.1:${port} ssl`,
    "conference.example.org": "localhost",
    "/etc/ssl/plenary/fullchain.pem": tls.certificate,
    "/etc/ssl/plenary/privkey.pem": tls.key,
    "127.0.0.1:8080": server.ready.http,
  });
  const below = await configuration("nginx-path.conf", { "http://plenary": "http://plenary" });
  const own = join(folder, "nginx");
  await mkdir(own);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const file = join(own, "nginx.conf");
  await writeFile(
    file,
    `daemon off; pid ${own}/pid; error_log stderr; user root;
events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${own}/${name};`).join("\n")}
  ${site}
  server {
    listen 127.0.0.1:${path} ssl;
    ssl_certificate ${tls.certificate};
    ssl_certificate_key ${tls.key};
    ${below}
  }
}`,
  );
  await proxy(port, "nginx", ["-c", file, "-p", own]);
  await check(server, port, { path });
  assert.equal((await secondVersion(port)).status, 200);
});

/** The page by HTTP/2. */
function secondVersion(port) {
  return new Promise((done, fail) => {
    const session = http2.connect(`https://localhost:${port}`, { ca: tls.ca });
    session.once("error", fail);
    const request = session.request({ ":path": "/" });
    request.once("response", (headers) => {
      session.close();
      done({ status: headers[":status"], headers });
    });
    request.resume().end();
  });
}

test("Caddy", async () => {
  const [port, path] = [await freePort(), await freePort()];
  const server = await plenary(port, { path: "/plenary/" });
  const sites = await configuration("Caddyfile", {
    "conference.example.org {": `https://localhost:${port} {\n\tbind 127.0.0.1\n\ttls ${tls.certificate} ${tls.key}`,
    "www.example.org {": `https://localhost:${path} {\n\tbind 127.0.0.1\n\ttls ${tls.certificate} ${tls.key}`,
    "127.0.0.1:8080": server.ready.http,
  });
  const file = join(folder, "Caddyfile");
  await writeFile(file, `{\n\tadmin off\n\tauto_https off\n}\n${sites}`);
  await proxy(port, "caddy", ["run", "--config", file, "--adapter", "caddyfile"]);
  await check(server, port, { path });
  assert.equal((await secondVersion(port)).status, 200);
});

test("HAProxy", async () => {
  const port = await freePort();
  const server = await plenary(port, { path: "/plenary/" });
  const text = await configuration("haproxy.cfg", {
    ":443 ssl crt /etc/haproxy/plenary.pem": `127.0.0.1:${port} ssl crt ${tls.both}`,
    "127.0.0.1:8080": server.ready.http,
  });
  const file = join(folder, "haproxy.cfg");
  await writeFile(file, text);
  await proxy(port, "haproxy", ["-db", "-f", file]);
  await check(server, port, { path: port });
  assert.equal((await secondVersion(port)).status, 200);
});

test("HAProxy for TCP names the client by the PROXY protocol, and Plenary has the certificate", async () => {
  const port = await freePort();
  const server = await plenary(port, {
    environment: {
      PLENARY_LISTEN__HTTPS: "127.0.0.1:0",
      PLENARY_LISTEN__PROXY_PROTOCOL: "true",
      PLENARY_TLS__CERTIFICATE: tls.certificate,
      PLENARY_TLS__KEY: tls.key,
    },
  });
  const text = await configuration("haproxy-tcp.cfg", {
    "bind :443": `bind 127.0.0.1:${port}`,
    "127.0.0.1:8443": server.ready.https,
  });
  const file = join(folder, "haproxy-tcp.cfg");
  await writeFile(file, text);
  await proxy(port, "haproxy", ["-db", "-f", file]);
  const named = { servername: "conference.example.org" };
  const page = await ask(port, "GET", "/", named);
  assert.equal(page.status, 200);
  assert.match(page.headers["strict-transport-security"], /^max-age=/);
  await checkAddresses(port, named);

  // A connection of a proxy that names no client is closed, and the log says what is missing.
  const [host, https_] = server.ready.https.split(":");
  const socket = net.connect(https_, host, () => socket.write("GET / HTTP/1.1\r\n\r\n"));
  await new Promise((done) =>
    socket
      .once("close", done)
      .once("error", () => {})
      .resume(),
  );
  await until("the log says so", () => server.log.includes("no PROXY header came"));
});
