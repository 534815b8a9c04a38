// A city on the other side of a network that can be cut: a namespace for its browser, and one between it and us that
// forwards, or not. Losses happen on the way, as in life: neither end is told that a packet went nowhere.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = process.getuid?.() === 0;
const sudo = (...words) => (root ? run(words[0], words.slice(1)) : run("sudo", words));

export class FarCity {
  #name = `plenary-${process.pid}`;
  #net = `10.${64 + (process.pid % 64)}`;
  #folder;

  /** Makes the city and the way to it. */
  static async found() {
    const city = new FarCity();
    const { nearLink, path } = city.names;
    for (const name of [city.names.city, path]) await sudo("ip", "netns", "add", name);
    await sudo("ip", "link", "add", nearLink, "type", "veth", "peer", "name", "near", "netns", path);
    await city.#on(path, "ip", "link", "add", "far", "type", "veth", "peer", "name", "home", "netns", city.names.city);
    const net = city.#net;
    await sudo("ip", "addr", "add", `${net}.0.1/24`, "dev", nearLink);
    await sudo("ip", "link", "set", nearLink, "up");
    for (const [where, link, address] of [
      [path, "near", `${net}.0.2/24`], [path, "far", `${net}.1.1/24`], [city.names.city, "home", `${net}.1.2/24`],
    ]) {
      await city.#on(where, "ip", "addr", "add", address, "dev", link);
      await city.#on(where, "ip", "link", "set", link, "up");
      await city.#on(where, "ip", "link", "set", "lo", "up");
    }
    await city.#on(path, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
    await sudo("ip", "route", "add", `${net}.1.0/24`, "via", `${net}.0.2`);
    await city.#on(city.names.city, "ip", "route", "add", "default", "via", `${net}.1.1`);

    city.#folder = await mkdtemp(join(tmpdir(), "plenary-city-"));
    city.browser = join(city.#folder, "chromium");
    const words = `${root ? "" : "sudo -E "}ip netns exec ${city.names.city} /usr/bin/chromium "$@"`;
    await writeFile(city.browser, `#!/bin/sh\nexec ${words}\n`, { mode: 0o755 });
    return city;
  }

  get names() {
    return { city: `${this.#name}-city`, path: `${this.#name}-path`, nearLink: `pl${process.pid}` };
  }

  /** The address at which the city finds a server that runs here. */
  get host() {
    return `${this.#net}.0.1`;
  }

  /** Nothing gets through, either way. */
  cut() {
    return this.#forward("-j", "DROP");
  }

  /** Sound and picture get through no more; all else does. */
  cutUdp() {
    return this.#forward("-p", "udp", "-j", "DROP");
  }

  /** That share of all packets, from 0 to 1, is lost, either way. */
  lose(share) {
    return this.#forward("-m", "statistic", "--mode", "random", "--probability", String(share), "-j", "DROP");
  }

  /** All is well again. */
  mend() {
    return this.#on(this.names.path, "iptables", "-w", "-F", "FORWARD");
  }

  async close() {
    for (const name of [this.names.city, this.names.path]) await sudo("ip", "netns", "del", name).catch(() => {});
    await rm(this.#folder, { recursive: true, force: true });
  }

  #forward(...rule) {
    return this.#on(this.names.path, "iptables", "-w", "-A", "FORWARD", ...rule);
  }

  #on(name, ...words) {
    return sudo("ip", "netns", "exec", name, ...words);
  }
}
