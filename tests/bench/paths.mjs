// What the paths of media cost and how soon they bring sound: UDP, ICE-TCP, and the relay over TCP and TLS.
//
//   node tests/bench/paths.mjs              all, with the release binary
//   node tests/bench/paths.mjs cpu          the server's CPU for each packet to an audience
//   node tests/bench/paths.mjs first-sound  from the hello of a page in Chromium to the first sound, loopback
//
// `LISTENERS`, `ROUNDS` and `WINDOW` (seconds) change the size.

import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { extractFrames, makeAddress } from "./lib/frames.mjs";
import { watchSound } from "./lib/watch-sound.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
process.env.PLENARY_BIN ??= join(root, "target/release/plenary");
const { Server, conferenceFile } = await import("../e2e/lib/server.mjs");
const { startChromium, takeSeat } = await import("../e2e/lib/browser.mjs");
const { RemoteNetwork } = await import("../e2e/lib/remote-network.mjs");
const { testCertificate } = await import("../e2e/lib/test-ca.mjs");
const { pause, until } = await import("../e2e/lib/until.mjs");
const { startAudience, startHolder } = await import("./lib/clients.mjs");

const listeners = Number(process.env.LISTENERS ?? 50);
const rounds = Number(process.env.ROUNDS ?? 5);
const windowSeconds = Number(process.env.WINDOW ?? 10);
const chosen = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "plenary-bench-"));
const rows = [];
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
function row(figure, values, unit, target) {
  const value = median(values);
  rows.push({
    figure,
    median: `${value.toFixed(2)} ${unit}`,
    spread: `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`,
    target: target === undefined ? "" : `≤ ${target} ${unit}`,
    met: target === undefined ? "" : value <= target ? "yes" : "MISSED",
  });
}

const certificate = await testCertificate(folder, ["127.0.0.1"]);
const https = (host) => ({
  PLENARY_LISTEN__HTTPS: `${host}:0`,
  PLENARY_TLS__CERTIFICATE: certificate.certificate,
  PLENARY_TLS__KEY: certificate.key,
});
const portOf = (address) => Number(address.split(":").at(-1));

async function startBridge(server, path, credentials) {
  const words = { at: "127.0.0.2", media: portOf(server.ready.media), https: portOf(server.ready.https) };
  const script = join(root, "tests/bench/lib/bridge.mjs");
  const child = spawn("node", [script, JSON.stringify({ ...words, path, credentials })], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((ready, fail) => {
    child.stdout.once("data", ready);
    child.once("exit", (code) => fail(new Error(`the bridge ended with ${code}`)));
  });
  return child;
}

/** The CPU time of all threads of a process, in seconds. */
async function cpuSeconds(pid) {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / Number(execFileSync("getconf", ["CLK_TCK"]));
}

/** One holder at 25 pictures a second to an audience, all by one path: microseconds of the server for each packet. */
async function microsByPath(path, frames) {
  const people = Array.from(
    { length: listeners },
    (_, at) => `[[person]]\nid = "l${at}"\nname = "Listener ${at}"\nrole = "viewer"\n`,
  );
  const server = await Server.start({
    conference: conferenceFile({ floor: 'limit = "30m"' }) + people.join("\n"),
    addresses: [path === "udp" ? "127.0.0.1" : "127.0.0.2"],
    environment: { ...https("127.0.0.1"), PLENARY_LISTEN__MEDIA: "127.0.0.1:0" },
  });
  let bridge, audience, holder;
  try {
    const invitations = await server.invitations();
    const seats = Array.from({ length: listeners }, (_, at) => invitations[`l${at}`].invitation);
    const all = [invitations["tokyo-1"].invitation, ...seats];
    const credentials = [];
    for (const invitation of all)
      credentials.push((await server.post("/invitations/redeem", { invitation })).ice_servers[0]);
    if (path !== "udp") bridge = await startBridge(server, path, credentials);
    holder = await startHolder(server, all[0], "climate", frames, 25);
    audience = await startAudience(server, seats, "climate");
    const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token("tokyo-1"));
    await server.post(`/rooms/climate/floor/requests/${id}/grant`, {}, await server.token("moderator-1"));
    await until("packets arrive", async () => (await audience.counts()).packets > listeners, 60_000);
    await pause(4_000);
    const [counts, cpu] = [await audience.counts(), await cpuSeconds(server.pid)];
    await pause(windowSeconds * 1000);
    const [later, spent] = [await audience.counts(), (await cpuSeconds(server.pid)) - cpu];
    return { micros: (spent / (later.packets - counts.packets)) * 1e6, packets: later.packets - counts.packets };
  } finally {
    holder?.close();
    audience?.close();
    bridge?.kill("SIGKILL");
    await server.close();
  }
}

async function cpuByPath() {
  const address = join(folder, "address.webm");
  await makeAddress(address, 60, 25);
  const frames = await extractFrames(address);
  const paths = { udp: "UDP", tcp: "ICE-TCP", "relay-tcp": "TURN over TCP", "relay-tls": "TURN over TLS" };
  const all = Object.fromEntries(Object.keys(paths).map((path) => [path, []]));
  for (let round = 0; round < rounds; round++)
    for (const path of Object.keys(paths)) all[path].push(await microsByPath(path, frames));
  for (const [path, name] of Object.entries(paths)) {
    const rate = median(all[path].map(({ packets }) => packets / windowSeconds / listeners)).toFixed(0);
    const words = `CPU for each packet by ${name}, ${listeners} listeners, ${rate} packets a second each`;
    row(
      words,
      all[path].map(({ micros }) => micros),
      "µs",
    );
  }
  for (const [path, yardstick, target] of [
    ["tcp", "udp", 3],
    ["relay-tls", "udp", 5],
    ["relay-tcp", "tcp", 1.2],
  ]) {
    const ratios = all[yardstick].map(({ micros }, round) => all[path][round].micros / micros);
    row(`${paths[path]} beside ${paths[yardstick]}, ${rounds} rounds in turn`, ratios, "times", target);
  }
}

async function firstSound() {
  const city = await RemoteNetwork.create();
  const server = await Server.start({ host: city.host, addresses: [city.host], environment: https(city.host) });
  const pages = {
    link: async (person) => (await server.link(person)).replace(server.url, `https://${server.ready.https}`),
  };
  const near = await startChromium({ anyCertificate: true });
  const far = await startChromium({ executable: city.browser, anyCertificate: true });
  try {
    await takeSeat(near, pages, "seoul-1");
    const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token("seoul-1"));
    await server.post(`/rooms/climate/floor/requests/${id}/grant`, {}, await server.token("moderator-1"));
    for (const [name, target, block] of [
      ["UDP", 400, () => {}],
      ["ICE-TCP", 600, () => city.cutUdp()],
      ["TURN over TLS on the https port alone", 1000, () => city.cutMedia(server)],
    ]) {
      await block();
      const values = [];
      for (let round = 0; round < 3 * rounds; round++) {
        const page = await takeSeat(far, pages, "tokyo-1", watchSound);
        values.push(await until("the first sound", () => page.evaluate(() => window.__soundAt - window.__helloAt)));
        await page.close();
      }
      row(`join: hello to the first sound by ${name}`, values, "ms", target);
      await city.restore();
    }
  } finally {
    await far.close();
    await near.close();
    await server.close();
    await city.close();
  }
}

try {
  if (!chosen.length || chosen.includes("cpu")) await cpuByPath();
  if (!chosen.length || chosen.includes("first-sound")) await firstSound();
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`node tests/bench/paths.mjs ${chosen.join(" ")}`);
console.table(rows);
