// A participant with media and without a browser, who rejoins whenever the connection ends.

import { execFile, spawn } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const program = process.env.RETURNING_BIN ?? join(root, "target/debug/examples/returning");

export class ReturningParticipant {
  #child;
  #next = [];

  /** Builds the program with the whole workspace: alone, its dependencies would be built again with other features. */
  static build() {
    return promisify(execFile)("cargo", ["build", "-q", "--locked", "--workspace", "--example", "returning"], {
      cwd: root,
    });
  }

  /** Starts it, with `runner` before its command line, and waits until it has joined. */
  static async start(server, person, room, flags = [], runner = []) {
    const { invitation } = (await server.invitations())[person];
    const returning = new ReturningParticipant();
    const [command, ...args] = [
      ...runner,
      program,
      "--server",
      server.url,
      "--invitation",
      invitation,
      "--room",
      room,
      ...flags,
    ];
    returning.#child = spawn(command, args, {
      stdio: ["ignore", "pipe", "ignore"],
    });
    createInterface({ input: returning.#child.stdout }).on("line", (line) => {
      const report = JSON.parse(line);
      const waiting = returning.#next.filter(({ key }) => key in report);
      returning.#next = returning.#next.filter((each) => !waiting.includes(each));
      for (const { done } of waiting) done(report);
    });
    await returning.#waitFor("seated");
    return returning;
  }

  #waitFor(key) {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`no ${key} within 20 s`)), 20_000);
      this.#next.push({ key, done: (said) => (clearTimeout(timer), done(said)) });
    });
  }

  /** The time of the next first packet of a connection, in milliseconds since 1970. */
  async firstPacket() {
    return (await this.#waitFor("packet")).at_ms;
  }

  /** Waits for the next join; returns whether the session was resumed. */
  async joined() {
    return (await this.#waitFor("seated")).seated;
  }

  stop() {
    this.#child.kill("SIGKILL");
  }
}
