// A null sound card: without a sound card Firefox runs no AudioContext, and its received sound could not be analysed.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./until.mjs";

/** Starts a sound server of its own with a null sink; `env` is what a browser needs to find it. */
export async function startSound() {
  const folder = await mkdtemp(join(tmpdir(), "plenary-sound-"));
  const socket = join(folder, "native");
  const child = spawn(
    "pulseaudio",
    [
      "-n",
      "--daemonize=no",
      "--exit-idle-time=-1",
      "--use-pid-file=no",
      "--disable-shm=yes",
      "-L",
      "module-null-sink",
      "-L",
      `module-native-protocol-unix auth-anonymous=1 socket=${socket}`,
    ],
    { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, HOME: folder, XDG_RUNTIME_DIR: folder } },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => (said += chunk));
  const ended = new Promise((done) => child.once("close", done));
  await until("the sound server listens", () => {
    if (child.exitCode !== null) throw new Error(`pulseaudio ended with ${child.exitCode}: ${said}`);
    return existsSync(socket);
  });
  return {
    env: { PULSE_SERVER: `unix:${socket}` },
    async close() {
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
