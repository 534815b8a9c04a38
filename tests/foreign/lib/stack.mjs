// The programs at both ends: a foreign stack, and the project's own headless participant.
//
// Each speaks in JSON, a line at a time. A foreign stack prints {"offer"}, reads {"answer"}, prints {"state"} and then,
// as they grow, {"sound"} and {"pictures"}: what it has received, decoded where it decodes.

import { spawn } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const stacks = resolve(here, "../stacks");
const root = resolve(here, "../../..");
const TIMEOUT_MS = 30_000;

/** How each stack is started. */
export const STACKS = {
  GStreamer: ["/usr/bin/python3", join(stacks, "gstreamer.py")],
  aiortc: [resolve(here, "../.venv/bin/python"), join(stacks, "with_aiortc.py")],
  werift: [process.execPath, join(stacks, "werift.mjs")],
  libdatachannel: [process.execPath, join(stacks, "libdatachannel.mjs")],
  "webrtc-rs": [process.env.FOREIGN_WEBRTC_RS_BIN ?? join(root, "target/foreign/debug/webrtc-rs")],
};

/** A program that prints JSON lines. The last value of each key counts. */
class Program {
  #child;
  #waiting = [];
  #errors = "";
  said = {};

  constructor(name, [command, ...rest], flags) {
    this.name = name;
    this.#child = spawn(command, [...rest, ...flags], { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stderr.setEncoding("utf8").on("data", (chunk) => (this.#errors = (this.#errors + chunk).slice(-4000)));
    this.#child.stdin.on("error", () => {});
    const ended = (why) =>
      this.#waiting.splice(0).forEach(({ fail }) => fail(new Error(`${name} ended (${why}): ${this.#errors}`)));
    this.#child.on("error", (error) => ended(error.message));
    this.#child.on("close", (code, signal) => ended(code ?? signal));
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      if (!line.startsWith("{")) return; // A library's own words.
      Object.assign(this.said, JSON.parse(line));
      for (const each of this.#waiting.filter(({ probe }) => probe(this.said))) each.done();
    });
  }

  say(message) {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** Waits until what the program has said satisfies `probe`. */
  until(what, probe) {
    if (probe(this.said)) return Promise.resolve(this.said);
    return new Promise((done, fail) => {
      const remove = () => (this.#waiting = this.#waiting.filter((each) => each !== waiting));
      const late = () => (
        remove(),
        fail(
          new Error(
            `${this.name}: not within ${TIMEOUT_MS} ms: ${what}; it said ${JSON.stringify(this.said)}; ${this.#errors}`,
          ),
        )
      );
      const timer = setTimeout(late, TIMEOUT_MS);
      const waiting = {
        probe,
        done: () => (clearTimeout(timer), remove(), done(this.said)),
        fail: (error) => (clearTimeout(timer), fail(error)),
      };
      this.#waiting.push(waiting);
    });
  }

  close() {
    this.#child.kill("SIGKILL");
  }
}

/** A foreign stack. */
export class Stack extends Program {
  constructor(name, flags = []) {
    super(name, STACKS[name], flags);
  }

  /** Its offer: two lines on which it sends, and two on which it receives. */
  async offer() {
    return (await this.until("an offer", ({ offer }) => offer)).offer;
  }
}

/** The headless participant, who sends and receives from the start. */
export class Headless extends Program {
  static async join(server, person, room = "climate") {
    const { invitation } = (await server.invitations())[person];
    const command = [process.env.COUNTING_BIN ?? join(root, "target/debug/examples/counting")];
    const headless = new Headless("the headless participant", command, [
      "--server",
      server.url,
      "--invitation",
      invitation,
      "--room",
      room,
    ]);
    await headless.until("connected", ({ connected }) => connected);
    return headless;
  }

  /** What a slot shows and has received. */
  slot(wants) {
    return this.said.slots?.find(({ slot }) => slot.wants === wants);
  }
}
