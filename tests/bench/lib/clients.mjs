// Clients without a browser, as child processes: a holder that publishes frames from files, and an audience that counts.

import { spawn } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const examples = process.env.EXAMPLES ?? join(root, "target/release/examples");

class Client {
  #child;
  #lines;

  constructor(name, words) {
    this.#child = spawn(join(examples, name), words, { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdin.on("error", () => {}); // it has ended, and `read` says so
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async read() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("a client has ended");
    return JSON.parse(value);
  }

  write(line) {
    this.#child.stdin.write(`${line}\n`);
  }

  close() {
    this.#child.kill("SIGKILL");
  }
}

export async function startHolder(server, invitation, room, { camera, microphone }, framesASecond) {
  const files = ["--camera", camera, "--microphone", microphone, "--frames-a-second", `${framesASecond}`];
  const client = new Client("publishing", [
    "--server",
    server.url,
    "--invitation",
    invitation,
    "--room",
    room,
    ...files,
  ]);
  await client.read();
  return client;
}

export async function startAudience(server, invitations, room) {
  const client = new Client("audience", ["--server", server.url, "--room", room]);
  for (const invitation of invitations) client.write(invitation);
  client.write("");
  await client.read();
  return {
    /** The sums of all listeners so far: `packets`, `bytes`, `frames`, `missing`. */
    async counts() {
      client.write("count");
      return client.read();
    },
    close: () => client.close(),
  };
}
