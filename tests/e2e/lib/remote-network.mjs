// A browser behind a network that can be cut: it runs in a network namespace, and a second namespace between it and the
// server forwards packets or drops them. Packets are lost on the way, so that neither end is told.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = process.getuid?.() === 0;
const sudo = (...args) => (root ? run(args[0], args.slice(1)) : run("sudo", args));
const slowLink = fileURLToPath(new URL("slow_link.py", import.meta.url));

export class RemoteNetwork {
  #name = `plenary-${process.pid}`;
  #net = `10.${64 + (process.pid % 64)}`;
  #net6 = `fd00:${(process.pid % 0xffff).toString(16)}`;
  #folder;
  #moved = false;
  #slow = null;

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
    const forward = "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding";
    await remote.#on(path, "sh", "-c", forward);
    await sudo("ip", "route", "add", `${net}.1.0/24`, "via", `${net}.0.2`);
    await remote.#on(remote.names.city, "ip", "route", "add", "default", "via", `${net}.1.1`);
    await remote.#addIpv6();

    remote.#folder = await mkdtemp(join(tmpdir(), "plenary-remote-"));
    remote.browser = join(remote.#folder, "chromium");
    const command = `${root ? "" : "sudo -E "}ip netns exec ${remote.names.city} /usr/bin/chromium "$@"`;
    await writeFile(remote.browser, `#!/bin/sh\nexec ${command}\n`, { mode: 0o755 });
    return remote;
  }

  async #addIpv6() {
    const { city, path, nearLink } = this.names;
    const net = this.#net6;
    const address = (value, link) => ["ip", "addr", "add", `${value}/64`, "dev", link, "nodad"];
    await sudo(...address(`${net}:0::1`, nearLink));
    await this.#on(path, ...address(`${net}:0::2`, "near"));
    await this.#on(path, ...address(`${net}:1::1`, "far"));
    await this.#on(city, ...address(`${net}:1::2`, "home"));
    await sudo("ip", "route", "add", `${net}:1::/64`, "via", `${net}:0::2`);
    await this.#on(city, "ip", "route", "add", "default", "via", `${net}:1::1`);
  }

  get names() {
    return { city: `${this.#name}-city`, path: `${this.#name}-path`, nearLink: `pl${process.pid}` };
  }

  /** The address of a server on this machine, as seen by the browser. */
  get host() {
    return `${this.#net}.0.1`;
  }

  /** The same in IPv6. */
  get host6() {
    return `${this.#net6}:0::1`;
  }

  /** The addresses of the city: the one that it has at first, and the other one. */
  get remoteHosts() {
    return [`${this.#net}.1.2`, `${this.#net}.1.3`];
  }

  /** The city's present address, for a server that stands there in place of the browser. */
  get remoteHost() {
    return this.remoteHosts[Number(this.#moved)];
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

  /** Forwards TCP to these ports of the server, and drops everything else. */
  async onlyTcpTo(...ports) {
    for (const port of ports)
      for (const end of ["--dport", "--sport"]) await this.#forward("-p", "tcp", end, String(port), "-j", "ACCEPT");
    await this.cut();
  }

  /** Gives every new flow an address and a port of the path, another for each destination: a symmetric NAT. */
  symmetricNat() {
    return this.#nat("-A", "POSTROUTING", "-o", "near", "-j", "MASQUERADE", "--random-fully");
  }

  /** Sends everything from and to the city over a link that delays each packet, and loses a share of them from 0 to 1. */
  async slowDown({ delayMs, loss }) {
    const { city, path } = this.names;
    const command = ["/usr/bin/python3", slowLink, city, path, String(delayMs), String(loss)];
    const [program, ...words] = root ? command : ["sudo", ...command];
    this.#slow = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
    await new Promise((ready, fail) => {
      this.#slow.stdout.once("data", ready);
      this.#slow.once("exit", (code) => fail(new Error(`the slow link ended with ${code}`)));
    });
    for (const name of [city, path]) {
      await this.#on(name, "ip", "link", "set", "slow", "up");
      await this.#on(name, "sh", "-c", "for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > $f; done");
    }
    await this.#on(path, "ip", "route", "add", `${this.remoteHost}/32`, "dev", "slow");
    await this.#on(city, "ip", "route", "replace", "default", "dev", "slow", "src", this.remoteHost);
  }

  /** Gives the city its other address in place of its own, as a change of Wi-Fi does. */
  async changeAddress() {
    const on = (...words) => this.#on(this.names.city, "ip", ...words);
    await on("addr", "del", `${this.remoteHost}/24`, "dev", "home");
    this.#moved = !this.#moved;
    await on("addr", "add", `${this.remoteHost}/24`, "dev", "home");
    await on("route", "add", "default", "via", `${this.#net}.1.1`);
  }

  /** Forwards all packets again, as they are. */
  async restore() {
    await this.#on(this.names.path, "iptables", "-w", "-F", "FORWARD");
    await this.#nat("-F", "POSTROUTING");
    await this.#endSlowLink();
  }

  async #endSlowLink() {
    if (!this.#slow) return;
    const ended = new Promise((done) => this.#slow.once("exit", done));
    this.#slow.stdin.end();
    await ended;
    this.#slow = null;
    // Its devices and their routes are gone with it.
    await this.#on(this.names.city, "ip", "route", "replace", "default", "via", `${this.#net}.1.1`);
  }

  async close() {
    await this.#endSlowLink().catch(() => {});
    for (const name of [this.names.city, this.names.path]) await sudo("ip", "netns", "del", name).catch(() => {});
    await rm(this.#folder, { recursive: true, force: true });
  }

  #forward(...rule) {
    return this.#on(this.names.path, "iptables", "-w", "-A", "FORWARD", ...rule);
  }

  #nat(...rule) {
    return this.#on(this.names.path, "iptables", "-w", "-t", "nat", ...rule);
  }

  #on(name, ...args) {
    return sudo("ip", "netns", "exec", name, ...args);
  }
}
