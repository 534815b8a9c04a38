// A network address translation whose mapping changes: what is sent to `address` comes to this machine through one of
// two network namespaces, each of which puts an address of its own in place of the sender's. `rebind` changes over to the
// other one, and the first forwards nothing any more, in either direction.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = process.getuid?.() === 0;
const sudo = (...args) => (root ? run(args[0], args.slice(1)) : run("sudo", args));

export class RebindingNat {
  #net = `10.${128 + (process.pid % 64)}`;
  #routers = [0, 1].map((number) => ({
    name: `plenary-${process.pid}-nat${number}`,
    link: `pn${number}-${process.pid}`,
    here: `${this.#net}.${number}.1`,
    there: `${this.#net}.${number}.2`,
  }));
  #used = 0;

  static async create() {
    const nat = new RebindingNat();
    for (const { name, link, here, there } of nat.#routers) {
      const inside = (...args) => sudo("ip", "netns", "exec", name, ...args);
      await sudo("ip", "netns", "add", name);
      await sudo("ip", "link", "add", link, "type", "veth", "peer", "name", "near", "netns", name);
      await sudo("ip", "addr", "add", `${here}/24`, "dev", link);
      await sudo("ip", "link", "set", link, "up");
      await inside("ip", "addr", "add", `${there}/24`, "dev", "near");
      await inside("ip", "link", "set", "near", "up");
      await inside("ip", "route", "add", "default", "via", here);
      await inside(
        "sh",
        "-c",
        "cd /proc/sys/net/ipv4 && echo 1 > ip_forward && for f in conf/*/send_redirects; do echo 0 > $f; done",
      );
      await inside(
        "iptables",
        "-w",
        "-t",
        "nat",
        "-A",
        "PREROUTING",
        "-d",
        nat.address,
        "-j",
        "DNAT",
        "--to-destination",
        here,
      );
      await inside(
        "iptables",
        "-w",
        "-t",
        "nat",
        "-A",
        "POSTROUTING",
        "-p",
        "udp",
        "-j",
        "SNAT",
        "--to-source",
        `${there}:20000-29999`,
      );
    }
    await nat.#route();
    return nat;
  }

  /** The address at which this machine is reached through the translation. */
  get address() {
    return `${this.#net}.99.1`;
  }

  /** The addresses that the server sees, before and after. */
  get sources() {
    return this.#routers.map(({ there }) => there);
  }

  /** From now on everybody is seen under another address. */
  async rebind() {
    const { name } = this.#routers[this.#used];
    this.#used = 1 - this.#used;
    await this.#route();
    await sudo("ip", "netns", "exec", name, "iptables", "-w", "-A", "FORWARD", "-j", "DROP");
  }

  async close() {
    await sudo("ip", "route", "del", `${this.address}/32`).catch(() => {});
    for (const { name } of this.#routers) await sudo("ip", "netns", "del", name).catch(() => {});
  }

  #route() {
    return sudo("ip", "route", "replace", `${this.address}/32`, "via", this.#routers[this.#used].there);
  }
}
