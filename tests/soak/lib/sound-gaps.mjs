// A listener without a browser that reports each second how long its sound was interrupted.

import { spawn } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const program = process.env.SOUND_GAPS_BIN ?? join(root, "target/debug/examples/sound_gaps");

export class SoundGaps {
  #child;
  #longest = 0;
  #packets = 0;
  /** True once the program ended by itself: the listener was thrown out. */
  ended = false;

  /** Starts it, with `runner` before its command line. */
  static async start(server, person, room, runner = []) {
    const { invitation } = (await server.invitations())[person];
    const gaps = new SoundGaps();
    const [command, ...args] = [...runner, program, "--server", server.url, "--invitation", invitation, "--room", room];
    gaps.#child = spawn(command, args, {
      stdio: ["ignore", "pipe", "inherit"],
    });
    gaps.#child.once("exit", () => (gaps.ended = true));
    createInterface({ input: gaps.#child.stdout }).on("line", (line) => {
      const { packets, longest_gap_ms } = JSON.parse(line);
      gaps.#packets += packets;
      gaps.#longest = Math.max(gaps.#longest, longest_gap_ms);
    });
    return gaps;
  }

  /** The packets and the longest gap in milliseconds since the last call. */
  take() {
    const taken = { packets: this.#packets, longestMs: this.#longest };
    this.#packets = 0;
    this.#longest = 0;
    return taken;
  }

  stop() {
    this.#child.kill("SIGKILL");
  }
}
