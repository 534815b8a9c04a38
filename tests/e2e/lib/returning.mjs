// Somebody with media and without a browser, who takes the seat again whenever the connection ends.

import { execFile, spawn } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const program = process.env.RETURNING_BIN ?? join(root, "target/debug/examples/returning");

export class Returning {
  #child;
  #next = [];

  /** Makes sure that the program is there, as new as its source. The whole workspace, so that nothing is built twice:
   *  alone, its dependencies have other features than in the build that the tests share. */
  static build() {
    return promisify(execFile)("cargo", ["build", "-q", "--locked", "--workspace", "--example", "returning"], { cwd: root });
  }

  /** Starts, and waits for the seat. */
  static async start(server, person, room, flags = []) {
    const { invitation } = (await server.invitations())[person];
    const returning = new Returning();
    returning.#child = spawn(program, ["--server", server.url, "--invitation", invitation, "--room", room, ...flags], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    createInterface({ input: returning.#child.stdout }).on("line", (line) => {
      const said = JSON.parse(line);
      const waiting = returning.#next.filter(({ key }) => key in said);
      returning.#next = returning.#next.filter((each) => !waiting.includes(each));
      for (const { done } of waiting) done(said);
    });
    await returning.#says("seated");
    return returning;
  }

  #says(key) {
    return new Promise((done, fail) => {
      const late = setTimeout(() => fail(new Error(`no ${key} within 20 s`)), 20_000);
      this.#next.push({ key, done: (said) => (clearTimeout(late), done(said)) });
    });
  }

  /** The first packet of a connection, from now on: when it came, in milliseconds since 1970. */
  async packet() {
    return (await this.#says("packet")).at_ms;
  }

  /** The next time it is seated: whether by resuming. */
  async seated() {
    return (await this.#says("seated")).seated;
  }

  stop() {
    this.#child.kill("SIGKILL");
  }
}
