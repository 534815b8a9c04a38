// The Debian package: installed, started, upgraded while a conference goes on, and purged, in a copy of this system that is
// thrown away. What a service manager would do is done here by the unit's own words.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import WebSocket from "ws";
import { ScratchSystem } from "./lib/scratch-system.mjs";
import { conferenceFile } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const run = promisify(execFile);
const repository = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const unit = join(repository, "config/package/plenary.service");
/** Any number that is nobody's: the service manager gives such a user to a service with `DynamicUser=`. */
const SERVICE_USER = 61184;
const ROOM = "climate";
const privateData = "var/lib/private/plenary";

let system, packages, service, ports;

/** The package of the program that the other tests run, with that version. */
async function build(version) {
  const words = ["deb", "--no-build", "--fast", "--profile", "dev", "-p", "plenary", "--deb-version", version];
  await run("cargo", [...words, "--output", packages], { cwd: repository, maxBuffer: 16 << 20 });
  const { stdout } = await run("dpkg", ["--print-architecture"]);
  return join(packages, `plenary_${version}_${stdout.trim()}.deb`);
}

async function install(file) {
  const name = file.split("/").at(-1);
  await system.run("mkdir", "-p", "/packages");
  await run("cp", [file, join(system.path, "packages", name)]);
  const { stdout, stderr } = await system.run(
    "env",
    "DEBIAN_FRONTEND=noninteractive",
    "dpkg",
    "--install",
    `/packages/${name}`,
  );
  return stdout + stderr;
}

const inSystem = (path) => join(system.path, path);
const exists = (path) =>
  system.run("test", "-e", `/${path}`).then(
    () => true,
    () => false,
  );

/** The words of a setting of the installed unit. */
async function words(setting) {
  const text = await readFile(inSystem("usr/lib/systemd/system/plenary.service"), "utf8");
  return text.match(new RegExp(`^${setting}=(.*)$`, "m"))[1].split(" ");
}

/** Starts the service as the unit says. */
async function start() {
  await system.run(...(await words("ExecStartPre")));
  const child = system.start(SERVICE_USER, {}, ...(await words("ExecStart")));
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => (log += chunk));
  const exited = new Promise((done) => child.once("exit", done));
  const ready = await new Promise((done, fail) => {
    createInterface({ input: child.stdout }).once("line", (line) => done(JSON.parse(line).ready));
    exited.then((code) => fail(new Error(`the service ended with ${code}: ${log}`)));
  });
  return { ready, stop: () => child.kill("SIGTERM") && exited, log: () => log };
}

const api = async (path, { token, ...options } = {}) => {
  const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(`http://${service.ready.http}/api/v1${path}`, { headers, ...options });
  const text = await response.text();
  assert.ok(response.ok, `${path}: ${response.status} ${text}`);
  return JSON.parse(text);
};

async function token(person) {
  const invite = [
    "invite",
    "/etc/plenary/conference.toml",
    "--config",
    "/etc/plenary/plenary.toml",
    "--format",
    "json",
  ];
  const { stdout } = await system.run("/usr/bin/plenary", ...invite, person);
  const [{ invitation }] = JSON.parse(stdout);
  return (await api("/invitations/redeem", { method: "POST", body: JSON.stringify({ invitation }) })).token;
}

/** Takes a seat, and gives the welcome. */
function takeSeat(token, resume) {
  const socket = new WebSocket(`ws://${service.ready.http}/api/v1/ws`, "plenary.v1");
  return new Promise((done, fail) => {
    socket.on("error", fail);
    socket.on("open", () => socket.send(JSON.stringify({ type: "hello", token, room: ROOM, resume })));
    socket.on("message", (data) => {
      const message = JSON.parse(data);
      if (message.type === "welcome") done({ socket, welcome: message });
      if (message.type === "problem") fail(new Error(message.problem?.detail));
    });
  });
}

const settings = () => `[listen]
http = "127.0.0.1:${ports?.http ?? 0}"
media = "127.0.0.1:${ports?.media ?? 0}"
ops = "127.0.0.1:${ports?.ops ?? 0}"
[data]
dir = "/var/lib/plenary"
`;

async function configure() {
  await writeFile(join(packages, "plenary.toml"), settings());
  await run("cp", [join(packages, "plenary.toml"), inSystem("etc/plenary/plenary.toml")]);
}

before(async () => {
  packages = await mkdtemp(join(tmpdir(), "plenary-packages-"));
  system = await ScratchSystem.create();
});

after(async () => {
  await service?.stop();
  await system?.close();
  await rm(packages, { recursive: true, force: true });
});

test("the service's sandbox is as tight as the documentation says", async () => {
  // In tenths: 1.5.
  await run("systemd-analyze", ["security", "--offline=true", "--threshold=15", "--no-pager", unit]);
});

test("the package installs, and says that a conference is to be written", async () => {
  const said = await install(await build("0.0.1"));
  assert.match(said, /conference\.toml/);
  await system.run("systemd-analyze", "verify", "/usr/lib/systemd/system/plenary.service");
  await system.run("/usr/bin/plenary", "check", "/usr/share/doc/plenary/examples/cmc-2021.toml");
});

test("the service starts as a user of its own, whose files root's commands leave to it", async () => {
  await writeFile(join(packages, "conference.toml"), conferenceFile());
  await run("cp", [join(packages, "conference.toml"), inSystem("etc/plenary/conference.toml")]);
  await configure();
  // What the service manager makes of StateDirectory= with DynamicUser=.
  await system.run("mkdir", "-p", "-m", "0700", "/var/lib/private");
  await system.run("mkdir", "-m", "0700", `/${privateData}`);
  await system.run("chown", `${SERVICE_USER}:${SERVICE_USER}`, `/${privateData}`);
  await system.run("ln", "-s", "private/plenary", "/var/lib/plenary");
  // Parents that the service manager opens to the service, and to nobody else.
  await system.run("chmod", "0711", "/var/lib/private");

  service = await start();
  const { name } = await api("/conference", { token: await token("operator-1") });
  assert.equal(name, "Conference under test");
  const foreign = await system.run("find", `/${privateData}`, "!", "-user", String(SERVICE_USER));
  assert.equal(foreign.stdout, "");
});

test("an upgrade in mid-conference keeps the settings, the seat and the floor", async () => {
  const [chair, tokyo] = [await token("moderator-1"), await token("tokyo-1")];
  const seat = await takeSeat(tokyo);
  const { id } = await api(`/rooms/${ROOM}/floor/requests`, { method: "POST", body: "{}", token: tokyo });
  const post = (path) => api(`/rooms/${ROOM}/${path}`, { method: "POST", body: "{}", token: chair });
  await post("chair/take");
  await post(`floor/requests/${id}/accept`);
  await post("floor/next");
  assert.deepEqual((await api(`/rooms/${ROOM}/floor`, { token: chair })).granted.length, 1);

  const port = (address) => Number(address.split(":").at(-1));
  ports = Object.fromEntries(Object.entries(service.ready).map(([name, address]) => [name, port(address)]));
  await configure();
  const closed = new Promise((done) => seat.socket.once("close", done));
  await install(await build("0.0.2"));
  assert.equal(await readFile(inSystem("etc/plenary/plenary.toml"), "utf8"), settings());
  // The old program goes on until the service manager restarts the service.
  assert.equal((await api(`/rooms/${ROOM}/floor`, { token: chair })).speech.speaker, "tokyo-1");
  await service.stop();
  assert.equal(await closed, 1001);
  service = await start();

  const resume = { session: seat.welcome.session, seq: seat.welcome.seq };
  const again = await takeSeat(tokyo, resume);
  await until("Tokyo has the floor still", async () => {
    const { speech } = await api(`/rooms/${ROOM}/floor`, { token: chair });
    return speech?.speaker === "tokyo-1" && speech.running;
  });
  again.socket.close();
});

test("purging removes the program and the data, and leaves the conference file, which it did not bring", async () => {
  await service.stop();
  service = undefined;
  await system.run("dpkg", "--purge", "plenary");
  for (const path of ["usr/bin/plenary", "etc/plenary/plenary.toml", "var/lib/plenary", privateData])
    assert.ok(!(await exists(path)), path);
  assert.ok(await exists("etc/plenary/conference.toml"));
});
