// Pebble, an ACME server for tests, and the DNS by which it finds every name at 127.0.0.1.

import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import https from "node:https";
import net from "node:net";
import { join } from "node:path";
import { freePort } from "./free-port.mjs";
import { until } from "./until.mjs";

/** A program that runs until `stop`; `log` is what it has printed. */
class Program {
  log = "";

  constructor(name, words, environment = {}) {
    this.name = name;
    this.child = spawn(name, words, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } });
    for (const out of [this.child.stdout, this.child.stderr]) out.on("data", (chunk) => (this.log += chunk));
    this.exited = new Promise((done) => this.child.once("exit", done));
  }

  /** Waits until it listens. */
  listens(port) {
    return until(`${this.name} listens`, () => {
      if (this.child.exitCode !== null) throw new Error(this.log);
      return new Promise((done) => {
        const socket = net.connect(port, "127.0.0.1");
        socket.once("connect", () => (socket.destroy(), done(true))).once("error", () => done(false));
      });
    });
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill();
    await this.exited;
  }
}

export class Pebble {
  #tls;
  #program;
  #dns;

  /**
   * Chooses ports; `tls` is the certificate of Pebble itself, from `testCertificate`, `validation` the port at which it looks
   * for challenges, and `lifetime` how many seconds its certificates are valid.
   */
  static async on({ folder, tls, validation, lifetime = 86_400 }) {
    const pebble = new Pebble();
    pebble.#tls = tls;
    pebble.port = await freePort();
    pebble.management = await freePort();
    pebble.dns = await freePort();
    pebble.config = join(folder, `pebble-${pebble.port}.json`);
    const settings = {
      listenAddress: `127.0.0.1:${pebble.port}`,
      managementListenAddress: `127.0.0.1:${pebble.management}`,
      certificate: tls.certificate,
      privateKey: tls.key,
      httpPort: validation,
      tlsPort: validation,
      certificateValidityPeriod: lifetime,
    };
    await writeFile(pebble.config, JSON.stringify({ pebble: settings }));
    return pebble;
  }

  /** The settings of a server that has its certificate from here. */
  environment(domains) {
    return {
      PLENARY_ACME__DOMAINS: domains.join(","),
      PLENARY_ACME__EMAIL: "operators@example.org",
      PLENARY_ACME__DIRECTORY: `https://localhost:${this.port}/dir`,
      PLENARY_ACME__CA: this.#tls.authority,
    };
  }

  /** Each start has a new authority and knows no account. */
  async start() {
    const off = ["-http01", "", "-https01", "", "-tlsalpn01", ""];
    const answers = ["-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""];
    const management = await freePort();
    const dns = ["-dns01", `127.0.0.1:${this.dns}`, "-management", `127.0.0.1:${management}`];
    this.#dns = new Program("pebble-challtestsrv", [...off, ...answers, ...dns]);
    await this.#dns.listens(this.dns);
    const words = ["-config", this.config, "-dnsserver", `127.0.0.1:${this.dns}`, "-strict"];
    this.#program = new Program("pebble", words, { PEBBLE_VA_NOSLEEP: "1" });
    await this.#program.listens(this.port);
    await this.#program.listens(this.management);
  }

  async stop() {
    await Promise.all([this.#program?.stop(), this.#dns?.stop()]);
  }

  /** What both programs have printed since the last start. */
  get log() {
    return this.#program.log;
  }

  /** How many certificates it has issued since it started. */
  get issued() {
    return this.log.match(/Issued certificate serial/g)?.length ?? 0;
  }

  /** The authority whose certificates it issues, as PEM. */
  root() {
    const options = { host: "localhost", port: this.management, path: "/roots/0", ca: this.#tls.ca };
    return new Promise((done, fail) => {
      const request = https.get(options, async (answer) => {
        const parts = [];
        for await (const part of answer) parts.push(part);
        done(Buffer.concat(parts).toString());
      });
      request.once("error", fail);
    });
  }
}
