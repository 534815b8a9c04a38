// A slow or a full disk below a running server: strace changes the results of the system calls of the writing thread.
// All other threads run as usual.

import { spawn } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { until } from "./until.mjs";

export class BadDisk {
  #tracer;
  #ended;

  /** Delays the result of every sync by so many milliseconds. */
  static slow(server, ms = 2000) {
    return BadDisk.#trace(server, "fsync,fdatasync", `delay_exit=${ms * 1000}`);
  }

  /** Fails every write for lack of space. Plain `write` still works, because threads wake each other with it. */
  static full(server) {
    return BadDisk.#trace(server, "pwrite64,pwritev,ftruncate,fallocate", "error=ENOSPC");
  }

  static async #trace(server, calls, effect) {
    const thread = await writingThread(server.pid);
    const bad = new BadDisk();
    const traced = [
      "strace",
      "-qq",
      "-o",
      "/dev/null",
      "-p",
      thread,
      "-e",
      `trace=${calls}`,
      "-e",
      `inject=${calls}:${effect}`,
    ];
    const [command, ...args] = process.getuid() === 0 ? traced : ["sudo", "-n", ...traced];
    bad.#tracer = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    bad.#tracer.stderr.setEncoding("utf8").on("data", (chunk) => (said += chunk));
    bad.#ended = new Promise((done) => bad.#tracer.once("exit", done));
    await until("strace holds the thread", async () => {
      if (bad.#tracer.exitCode !== null) throw new Error(`strace ended: ${said}`);
      return !/^TracerPid:\s+0$/m.test(await readFile(`/proc/${server.pid}/task/${thread}/status`, "utf8"));
    });
    return bad;
  }

  /** Ends the fault. */
  async restore() {
    if (this.#tracer.exitCode === null && this.#tracer.signalCode === null) this.#tracer.kill("SIGINT");
    await this.#ended;
  }
}

/** The thread that writes the journal. */
async function writingThread(pid) {
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    if ((await readFile(`/proc/${pid}/task/${thread}/comm`, "utf8")).trim() === "journal") return thread;
  }
  throw new Error(`process ${pid} has no thread called journal`);
}
