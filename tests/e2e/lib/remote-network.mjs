// A browser behind a network that can be cut: it runs in a network namespace, and a second namespace between it and the
// server forwards packets or drops them. Packets are lost on the way, so that neither end is told.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = process.getuid?.() === 0;
const sudo = (...args) => (root ? run(args[0], args.slice(1)) : run("sudo", args));

export class RemoteNetwork {
  #name = `plenary-${process.pid}`;
  #net = `10.${64 + (process.pid % 64)}`;
  #folder;

  /** Creates both namespaces and the links between them. */
  static async create() {
    const remote = new RemoteNetwork();
    const { nearLink, path } = remote.names;
    for (const name of [remote.names.city, path]) await sudo("ip", "netns", "add", name);
    await sudo("ip", "link", "add", nearLink, "type", "veth", "peer", "name", "near", "netns", path);
    await remote.#on(
      path,
      "ip",
      "link",
      "add",
      "far",
      "type",
      "veth",
      "peer",
      "name",
      "home",
      "netns",
      remote.names.city,
    );
    const net = remote.#net;
    await sudo("ip", "addr", "add", `${net}.0.1/24`, "dev", nearLink);
    await sudo("ip", "link", "set", nearLink, "up");
    for (const [where, link, address] of [
      [path, "near", `${net}.0.2/24`],
      [path, "far", `${net}.1.1/24`],
      [remote.names.city, "home", `${net}.1.2/24`],
    ]) {
      await remote.#on(where, "ip", "addr", "add", address, "dev", link);
      await remote.#on(where, "ip", "link", "set", link, "up");
      await remote.#on(where, "ip", "link", "set", "lo", "up");
    }
    await remote.#on(path, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
    await sudo("ip", "route", "add", `${net}.1.0/24`, "via", `${net}.0.2`);
    await remote.#on(remote.names.city, "ip", "route", "add", "default", "via", `${net}.1.1`);

    remote.#folder = await mkdtemp(join(tmpdir(), "plenary-remote-"));
    remote.browser = join(remote.#folder, "chromium");
    const command = `${root ? "" : "sudo -E "}ip netns exec ${remote.names.city} /usr/bin/chromium "$@"`;
    await writeFile(remote.browser, `#!/bin/sh\nexec ${command}\n`, { mode: 0o755 });
    return remote;
  }

  get names() {
    return { city: `${this.#name}-city`, path: `${this.#name}-path`, nearLink: `pl${process.pid}` };
  }

  /** The address of a server on this machine, as seen by the browser. */
  get host() {
    return `${this.#net}.0.1`;
  }

  /** Drops all packets in both directions. */
  cut() {
    return this.#forward("-j", "DROP");
  }

  /** Drops UDP, and forwards everything else. */
  cutUdp() {
    return this.#forward("-p", "udp", "-j", "DROP");
  }

  /** Drops media by every path to the server's media port, and forwards everything else. */
  async cutMedia(server) {
    await this.cutUdp();
    const { port } = new URL(`udp://${server.ready.media}`);
    await this.#forward("-p", "tcp", "--dport", port, "-j", "DROP");
    await this.#forward("-p", "tcp", "--sport", port, "-j", "DROP");
  }

  /** Drops a share of all packets, from 0 to 1, in both directions. */
  lose(share) {
    return this.#forward("-m", "statistic", "--mode", "random", "--probability", String(share), "-j", "DROP");
  }

  /** Forwards all packets again. */
  restore() {
    return this.#on(this.names.path, "iptables", "-w", "-F", "FORWARD");
  }

  async close() {
    for (const name of [this.names.city, this.names.path]) await sudo("ip", "netns", "del", name).catch(() => {});
    await rm(this.#folder, { recursive: true, force: true });
  }

  #forward(...rule) {
    return this.#on(this.names.path, "iptables", "-w", "-A", "FORWARD", ...rule);
  }

  #on(name, ...args) {
    return sudo("ip", "netns", "exec", name, ...args);
  }
}
