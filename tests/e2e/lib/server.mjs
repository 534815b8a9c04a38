// A server for one test, with its own conference file, data folder and ports.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
export const binary = process.env.PLENARY_BIN ?? join(root, "target/debug/plenary");

/** Four cities, a moderator and an operator in one room; `floor` is TOML for `[room.floor]`. */
export const conferenceFile = ({ floor = "", gallery = true } = {}) => `
[conference]
id = "e2e"
name = "Conference under test"
theme = "What a grant means"
host = "taipei"
time_zone = "Asia/Taipei"
starts = 2021-10-12
ends = 2021-10-14
languages = ["en", "zh-Hant-TW"]
${[
  ["taipei", "Taipei", "TW", "Asia/Taipei"],
  ["tokyo", "Tokyo", "JP", "Asia/Tokyo"],
  ["seoul", "Seoul", "KR", "Asia/Seoul"],
  ["delhi", "Delhi", "IN", "Asia/Kolkata"],
]
  .map(
    ([id, name, country, zone]) => `
[[delegation]]
id = "${id}"
name = "${name}"
country = "${country}"
time_zone = "${zone}"
status = "member"

[[person]]
id = "${id}-1"
name = "${name} delegate"
delegation = "${id}"
role = "delegate"
`,
  )
  .join("")}
[[person]]
id = "moderator-1"
name = "Moderator"
role = "moderator"

[[person]]
id = "operator-1"
name = "Operator"
role = "operator"

[[room]]
id = "climate"
title = "Climate Changes and Its Impacts on Local Governments and Organizations"
gallery = ${gallery}
[room.floor]
${floor}

[[room]]
id = "covid"
title = "COVID-19 Response and the New Normal"
`;

export class Server {
  #child;
  ready;
  log = "";

  /**
   * Starts `plenary serve` on free ports of `host` and waits for its ready line; `publicUrl` is where people reach it, and
   * `addresses` are those for media, where they are not the machine's own; `environment` is further settings, and
   * `namespace` the network namespace that it runs in.
   */
  static async start({
    conference = conferenceFile(),
    folder,
    ports,
    host = "127.0.0.1",
    publicUrl = "",
    addresses = [],
    environment = {},
    namespace = null,
  } = {}) {
    const server = new Server();
    server.namespace = namespace;
    server.environment = environment;
    server.host = host;
    server.publicUrl = publicUrl;
    server.addresses = addresses;
    server.folder = folder ?? (await mkdtemp(join(tmpdir(), "plenary-e2e-")));
    server.conference = join(server.folder, "conference.toml");
    server.config = join(server.folder, "plenary.toml");
    await writeFile(server.conference, conference);
    await server.#configure(ports);
    await server.#spawn();
    return server;
  }

  async #configure({ http = 0, media = 0, ops = 0 } = {}) {
    await writeFile(
      this.config,
      `[listen]\nhttp = "${this.host}:${http}"\nmedia = "0.0.0.0:${media}"\nops = "127.0.0.1:${ops}"\n` +
        `[data]\ndir = "${join(this.folder, "data")}"\n[public]\nurl = "${this.publicUrl}"\naddresses = ${JSON.stringify(this.addresses)}\n`,
    );
  }

  #spawn(flags = []) {
    const started = performance.now();
    const [program, ...words] = this.namespace ? ["ip", "netns", "exec", this.namespace, binary] : [binary];
    this.#child = spawn(program, [...words, "serve", this.conference, "--config", this.config, ...flags], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...this.environment },
    });
    this.#child.stderr.setEncoding("utf8").on("data", (chunk) => (this.log += chunk));
    this.exited = new Promise((done) => this.#child.once("exit", (code, signal) => done({ code, signal })));
    return new Promise((done, fail) => {
      const lines = createInterface({ input: this.#child.stdout });
      lines.once("line", (line) => {
        this.ready = JSON.parse(line).ready;
        this.readyAfterMs = performance.now() - started;
        done();
      });
      this.exited.then(({ code, signal }) => fail(new Error(`server ended (${code ?? signal}): ${this.log}`)));
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** `http://host:port`. */
  get url() {
    return withScheme(this.ready.http);
  }

  get ops() {
    return withScheme(this.ready.ops);
  }

  /** Sends a signal, and waits for the exit. */
  async stop(signal = "SIGTERM") {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
    return this.exited;
  }

  /** Stops it, and starts it again on the same ports with the same data. */
  async restart(signal = "SIGTERM", ...flags) {
    const port = (address) => Number(address.split(":").at(-1));
    const ports = { http: port(this.ready.http), media: port(this.ready.media), ops: port(this.ready.ops) };
    await this.stop(signal);
    await this.#configure(ports);
    await this.#spawn(flags);
  }

  async close() {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The invitations, by person. */
  async invitations() {
    return Object.fromEntries((await this.invite()).map((each) => [each.person, each]));
  }

  /** The link of a screen that shows the room, with this server's port. */
  async displayLink(...more) {
    const [{ url }] = await this.invite("--display", "climate", ...more);
    return `${this.url}/${url.slice(url.indexOf("#"))}`;
  }

  /** What `plenary media` prints. */
  async media(...words) {
    return (await promisify(execFile)(binary, ["media", ...words, "--config", this.config])).stdout;
  }

  /** The check link, which is everybody's. */
  async checkLink() {
    const [{ url }] = await this.invite("--check");
    return `${this.url}/${url.slice(url.indexOf("#"))}`;
  }

  /** What `plenary invite` prints. */
  async invite(...more) {
    const words = ["invite", this.conference, "--config", this.config, "--format", "json", ...more];
    // A kilobyte for each invitation, and thousands of them in load tests.
    return JSON.parse((await promisify(execFile)(binary, words, { maxBuffer: 64 << 20 })).stdout);
  }

  /** A person's link, with this server's port. */
  async link(person) {
    const { invitation } = (await this.invitations())[person];
    return `${this.url}/#i=${invitation}`;
  }

  /** A person's access token. */
  async token(person) {
    const { invitation } = (await this.invitations())[person];
    const { token } = await this.post("/invitations/redeem", { invitation });
    return token;
  }

  /** Calls the API; throws the problem document of a refusal. */
  async call(method, path, { token, body, headers = {} } = {}) {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const value = text ? JSON.parse(text) : null;
    if (!response.ok)
      throw Object.assign(new Error(`${method} ${path}: ${response.status} ${text}`), { problem: value });
    return value;
  }

  post(path, body, token) {
    return this.call("POST", path, { body, token });
  }

  get(path, token) {
    return this.call("GET", path, { token });
  }

  /** A figure of `/metrics`, summed over its labels; zero if it was never counted. */
  async metric(name) {
    const text = await (await fetch(`${this.ops}/metrics`)).text();
    return text
      .split("\n")
      .filter((line) => line.startsWith(name) && /^[{ ]/.test(line.slice(name.length)))
      .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  }
}

const withScheme = (address) => (address.startsWith("http") ? address : `http://${address}`);
