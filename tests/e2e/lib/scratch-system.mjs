// A copy of this machine's system in which packages can be installed and purged: an overlay over its root, thrown away
// afterwards. It has the machine's network, and no service manager.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const asRoot = (words) => (isRoot ? words : ["sudo", "-E", ...words]);
const root = (...words) => {
  const [program, ...rest] = asRoot(words);
  return run(program, rest, { maxBuffer: 16 << 20 });
};

export class ScratchSystem {
  #folder;

  static async create() {
    const system = new ScratchSystem();
    system.#folder = await mkdtemp(join(tmpdir(), "plenary-system-"));
    // An overlay cannot keep its changes on another overlay, which a container's root may be.
    await root("mount", "-t", "tmpfs", "tmpfs", system.#folder);
    const [changes, work] = ["changes", "work"].map((name) => join(system.#folder, name));
    await root("mkdir", changes, work, system.path);
    const layers = `lowerdir=/,upperdir=${changes},workdir=${work}`;
    await root("mount", "-t", "overlay", "overlay", "-o", layers, system.path);
    await root("mount", "-t", "proc", "proc", join(system.path, "proc"));
    await root("mount", "--bind", "/dev", join(system.path, "dev"));
    // This machine's own service manager is not to be told of what is installed here.
    await root("mount", "-t", "tmpfs", "tmpfs", join(system.path, "run"));
    return system;
  }

  /** Where its root is. */
  get path() {
    return join(this.#folder, "root");
  }

  /** Runs a command in it; throws with what it printed if it fails. */
  async run(...words) {
    return root("chroot", this.path, ...words);
  }

  /** Starts a program in it as the user with that number. */
  start(user, environment, ...words) {
    const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const [program, ...rest] = asRoot([
      "chroot",
      `--userspec=${user}:${user}`,
      this.path,
      "env",
      ...settings,
      ...words,
    ]);
    return spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
  }

  async close() {
    await root("umount", "--recursive", this.#folder).catch(() =>
      root("umount", "--recursive", "--lazy", this.#folder),
    );
    await rm(this.#folder, { recursive: true, force: true });
  }
}
