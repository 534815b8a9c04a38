// Latencies, start-up time and memory as a user meets them: real Chromium, the release binary, loopback. Prints one table
// with the targets, and the command that made it.

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
process.env.PLENARY_BIN ??= join(root, "target/release/plenary");
const { Server, binary } = await import("../e2e/lib/server.mjs");
const { people, startChromium, takeSeat, isColourOf, colourOf } = await import("../e2e/lib/browser.mjs");
const { capture, isRtp } = await import("../e2e/lib/capture.mjs");
const { pause, until } = await import("../e2e/lib/until.mjs");
const { watchStage } = await import("./lib/watch-stage.mjs");

const rounds = Number(process.env.ROUNDS ?? 15);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const now = () => performance.timeOrigin + performance.now();
const rows = [];
const row = (figure, values, target, unit) => {
  const value = median(values);
  rows.push({
    figure,
    median: `${value.toFixed(1)} ${unit}`,
    worst: `${Math.max(...values).toFixed(1)} ${unit}`,
    rounds: values.length,
    target: `< ${target} ${unit}`,
    met: value < target ? "yes" : "MISSED",
  });
};

async function inChromium() {
  const server = await Server.start();
  const browser = await startChromium();
  const chair = await server.token("moderator-1");
  const post = (path, body = {}) => server.post(`/rooms/climate/floor/${path}`, body, chair);
  const grant = async (person) => {
    const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token(person));
    await post(`requests/${id}/accept`);
    const at = now();
    await post("next");
    return { id, at };
  };
  try {
    // The moderator acts over HTTP without joining: the chair's own sound would be counted after a revoke.
    await takeSeat(browser, server, "tokyo-1");
    await takeSeat(browser, server, "seoul-1");
    await grant("tokyo-1");

    const joins = [];
    for (let round = 0; round < rounds; round++) {
      const delhi = await takeSeat(browser, server, "delhi-1", watchStage);
      await until("the holder is seen", async () => isColourOf(await colourOf(delhi, "stage-video"), "tokyo-1"));
      joins.push(
        await until("a frame is noted", () => delhi.evaluate(() => window.__frames[0]?.at - window.__helloAt)),
      );
      await delhi.close();
    }
    row("join: hello to the first decoded frame of the holder", joins, 400, "ms");

    const delhi = await takeSeat(browser, server, "delhi-1", watchStage);
    const grants = [];
    for (let round = 0; round < rounds; round++) {
      const person = round % 2 ? "tokyo-1" : "seoul-1";
      const { at } = await grant(person);
      const first = await until("the first frame", () =>
        delhi.evaluate(
          ({ at, colour }) =>
            window.__frames.find(
              (frame) => frame.at > at && colour.every((want, c) => Math.abs(want - frame.colour[c]) < 45),
            )?.at,
          { at, colour: people[person].colour },
        ),
      );
      grants.push(first - at);
      await pause(400);
    }
    row("grant: command sent to the first frame of the new holder at a listener", grants, 300, "ms");

    const port = Number(server.ready.media.split(":").at(-1));
    const revokes = [];
    for (let round = 0; round < rounds; round++) {
      const { granted } = await server.get("/rooms/climate/floor", chair);
      const id = granted[0]?.id ?? (await grant("seoul-1")).id;
      await pause(500);
      const wire = await capture(port);
      await pause(300);
      await post(`requests/${id}/revoke`);
      const replied = now();
      await pause(300);
      const passed = (await wire.stop()).filter((each) => each.from === port && isRtp(each));
      // Tiles flow after a revoke, too: only the sound counts (Opus, payload type 111).
      const sound = passed.filter(({ payload }) => (payload[1] & 127) === 111);
      if (sound.length === 0) throw new Error("the capture saw no sound of the holder");
      revokes.push(Math.max(0, sound.at(-1).at - replied));
    }
    row("revoke: reply to the last packet of sound forwarded", revokes, 10, "ms");
  } finally {
    await browser.close();
    await server.close();
  }
}

async function starts() {
  const values = [];
  for (let round = 0; round < rounds; round++) {
    const server = await Server.start();
    values.push(server.readyAfterMs);
    await server.close();
  }
  row("start: process to ready line", values, 200, "ms");
}

async function atRest() {
  const child = spawn(binary, ["demo", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await new Promise((done) => createInterface({ input: child.stdout }).once("line", done));
    await pause(3000);
    const status = await readFile(`/proc/${child.pid}/status`, "utf8");
    row("resident memory of the demo at rest", [Number(status.match(/VmRSS:\s+(\d+)/)[1]) / 1024], 60, "MB");
  } finally {
    child.kill("SIGTERM");
  }
}

await starts();
await atRest();
await inChromium();
console.log("make bench");
console.table(rows);
