// The time from SIGKILL of the server to the first packet of the same holder at a listener. The server starts again at
// once, and both clients reconnect by themselves.

import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
process.env.PLENARY_BIN ??= join(root, "target/release/plenary");
process.env.RETURNING_BIN ??= join(root, "target/release/examples/returning");
const { Server } = await import("../e2e/lib/server.mjs");
const { ReturningParticipant } = await import("../e2e/lib/returning-participant.mjs");

const rounds = Number(process.env.ROUNDS ?? 15);
const server = await Server.start();
const speaker = await ReturningParticipant.start(server, "tokyo-1", "climate");
const listener = await ReturningParticipant.start(server, "seoul-1", "climate", ["--listen"]);
try {
  const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token("tokyo-1"));
  const first = listener.firstPacket();
  await server.post(`/rooms/climate/floor/requests/${id}/grant`, {}, await server.token("moderator-1"));
  await first;
  const values = [];
  for (let round = 0; round < rounds; round++) {
    const heard = listener.firstPacket();
    const killed = performance.timeOrigin + performance.now();
    await server.restart("SIGKILL");
    values.push((await heard) - killed);
  }
  values.sort((a, b) => a - b);
  const median = values[Math.floor(values.length / 2)];
  console.log("node tests/bench/restart.mjs");
  console.table([
    {
      figure: "SIGKILL to the first forwarded packet of the same holder",
      median: `${median.toFixed(0)} ms`,
      worst: `${values.at(-1).toFixed(0)} ms`,
      rounds,
      target: "< 2000 ms",
      met: median < 2000 ? "yes" : "MISSED",
    },
  ]);
} finally {
  speaker.stop();
  listener.stop();
  await server.close();
}
