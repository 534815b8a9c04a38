// A disk that confirms late, or takes nothing, below a whole running server: the kernel answers its writing thread so.
// Only that one thread is held; all others run as ever.

import { spawn } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { until } from "./until.mjs";

export class BadDisk {
  #tracer;
  #ended;

  /** From now on every sync is confirmed that many milliseconds later. */
  static slow(server, ms = 2000) {
    return BadDisk.#of(server, "fsync,fdatasync", `delay_exit=${ms * 1000}`);
  }

  /** From now on nothing can be written, for want of room. Plain `write` is how threads wake each other, and stays. */
  static full(server) {
    return BadDisk.#of(server, "pwrite64,pwritev,ftruncate,fallocate", "error=ENOSPC");
  }

  static async #of(server, calls, answer) {
    const thread = await writer(server.pid);
    const bad = new BadDisk();
    const traced = ["strace", "-qq", "-o", "/dev/null", "-p", thread, "-e", `trace=${calls}`, "-e", `inject=${calls}:${answer}`];
    const [command, ...words] = process.getuid() === 0 ? traced : ["sudo", "-n", ...traced];
    bad.#tracer = spawn(command, words, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    bad.#tracer.stderr.setEncoding("utf8").on("data", (chunk) => (said += chunk));
    bad.#ended = new Promise((done) => bad.#tracer.once("exit", done));
    await until("the disk to be bad", async () => {
      if (bad.#tracer.exitCode !== null) throw new Error(`strace ended: ${said}`);
      return !/^TracerPid:\s+0$/m.test(await readFile(`/proc/${server.pid}/task/${thread}/status`, "utf8"));
    });
    return bad;
  }

  /** From now on it does as well as before. */
  async mend() {
    if (this.#tracer.exitCode === null && this.#tracer.signalCode === null) this.#tracer.kill("SIGINT");
    await this.#ended;
  }
}

/** The thread that writes the journal. */
async function writer(pid) {
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    if ((await readFile(`/proc/${pid}/task/${thread}/comm`, "utf8")).trim() === "journal") return thread;
  }
  throw new Error(`process ${pid} has no thread called journal`);
}
