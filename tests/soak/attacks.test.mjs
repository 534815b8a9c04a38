// A speech goes on while everything that strangers and participants with a valid link can do is done at once: `make soak`.
// First the call runs in peace, to learn what the machine's own noise does to the sound; then under attack.
//
//   CALM_SECONDS=60 ATTACK_SECONDS=3600 node --test tests/soak/attacks.test.mjs

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import WebSocket from "ws";
import { ReturningParticipant } from "../e2e/lib/returning-participant.mjs";
import { conferenceFile, Server } from "../e2e/lib/server.mjs";
import { pause } from "../e2e/lib/until.mjs";
import { SoundGaps } from "./lib/sound-gaps.mjs";

const CALM_SECONDS = Number(process.env.CALM_SECONDS ?? 60);
const ATTACK_SECONDS = Number(process.env.ATTACK_SECONDS ?? 3600);
const MAX_ADDED_GAP_MS = 200;
const MAX_RESIDENT_MIB = 512;
const room = "climate";

const conference = `${conferenceFile({ floor: 'limit = "12h"' })}
[[person]]
id = "viewer-1"
name = "Viewer"
role = "viewer"
`;

/** In peace and under attack, what measures runs before other programs: a gap is to be the server's. */
const RUN_BEFORE_OTHERS = ["nice", "-n", "-10"];

let server, speaker, listener, chair, attackers, request;

/** The moderator, seated, who gives one command after the other and notes each that is not answered. */
class SeatedChair {
  answered = 0;
  problems = {};
  closed;
  #replies = new Map();

  static async join(server) {
    const chair = new SeatedChair();
    const token = await server.token("moderator-1");
    chair.socket = new WebSocket(`${server.url.replace("http", "ws")}/api/v1/ws`, "plenary.v1");
    await new Promise((done, fail) => {
      chair.socket.on("error", fail);
      chair.socket.on("close", (code) => (chair.closed = code));
      chair.socket.on("open", () => chair.socket.send(JSON.stringify({ type: "hello", token, room })));
      chair.socket.on("message", (data) => {
        const message = JSON.parse(data);
        if (message.type === "welcome") done();
        if (message.type === "reply") chair.#replies.get(message.command_id)?.(message);
      });
    });
    return chair;
  }

  async command(type, fields = {}) {
    const command_id = `chair/${this.answered}/${Math.random()}`;
    const reply = await new Promise((done) => {
      const timer = setTimeout(() => done(undefined), 10_000);
      this.#replies.set(command_id, (message) => (clearTimeout(timer), done(message)));
      this.socket.send(JSON.stringify({ type, command_id, ...fields }));
    });
    this.#replies.delete(command_id);
    const outcome = reply ? (reply.problem?.code ?? "done") : "no reply";
    this.problems[outcome] = (this.problems[outcome] ?? 0) + 1;
    this.answered += reply ? 1 : 0;
  }
}

before(async () => {
  server = await Server.start({ conference });
  speaker = await ReturningParticipant.start(server, "tokyo-1", room, [], RUN_BEFORE_OTHERS);
  listener = await SoundGaps.start(server, "seoul-1", room, RUN_BEFORE_OTHERS);
  chair = await SeatedChair.join(server);
  const delegate = await server.token("tokyo-1");
  ({ id: request } = await server.post(`/rooms/${room}/floor/requests`, {}, delegate));
  await server.post(`/rooms/${room}/floor/requests/${request}/grant`, {}, await server.token("moderator-1"));
});

after(async () => {
  attackers?.kill("SIGKILL");
  speaker?.stop();
  listener?.stop();
  chair?.socket.terminate();
  await server?.close();
});

const residentMib = async () => {
  const status = await readFile(`/proc/${server.pid}/status`, "utf8");
  return Number(status.match(/^VmRSS:\s+(\d+) kB/m)[1]) / 1024;
};

/** Every second for a while: the chair commands, the operator's probe is answered, and a valid invitation is redeemed. */
async function goOn(seconds) {
  const seen = { probes: 0, probesFailed: 0, redeemed: 0, redemptionsFailed: [], residentMib: 0 };
  const { invitation } = (await server.invitations())["seoul-1"];
  await pause(2000);
  listener.take();
  for (let second = 0; second < seconds; second++) {
    const next = pause(1000);
    await chair.command(second % 2 ? "list.reopen" : "list.close");
    const healthy = await fetch(`${server.ops}/healthz`, { signal: AbortSignal.timeout(5000) }).then(
      ({ ok }) => ok,
      () => false,
    );
    seen.probes += 1;
    seen.probesFailed += healthy ? 0 : 1;
    if (second % 5 === 0) {
      await server.post("/invitations/redeem", { invitation }).then(
        () => (seen.redeemed += 1),
        (error) => seen.redemptionsFailed.push(error.problem?.code ?? error.message),
      );
    }
    seen.residentMib = Math.max(seen.residentMib, await residentMib());
    if (second % 60 === 59) console.log(`${second + 1} s, ${seen.residentMib.toFixed(0)} MiB at most`);
    await next;
  }
  return { ...seen, ...listener.take() };
}

test("a speech is heard and governed without interruption while every attack goes on", async (t) => {
  const calm = await goOn(CALM_SECONDS);
  t.diagnostic(
    `in peace: longest gap ${calm.longestMs.toFixed(0)} ms in ${calm.packets} packets, ${calm.residentMib.toFixed(0)} MiB`,
  );

  attackers = spawn(process.execPath, [fileURLToPath(new URL("attackers.mjs", import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let report = "";
  attackers.stdout.setEncoding("utf8").on("data", (chunk) => (report += chunk));
  const over = new Promise((done) => attackers.once("close", done));
  const { ready, conference: file, config } = server;
  attackers.stdin.write(`${JSON.stringify({ ready, conference: file, config, room })}\n`);
  const attacked = await goOn(ATTACK_SECONDS);
  attackers.stdin.end();
  assert.equal(await over, 0, "the attackers attacked to the end");
  console.table(JSON.parse(report));
  t.diagnostic(
    `under attack: longest gap ${attacked.longestMs.toFixed(0)} ms in ${attacked.packets} packets, ${attacked.residentMib.toFixed(0)} MiB`,
  );
  t.diagnostic(`the chair's commands: ${JSON.stringify(chair.problems)}`);

  assert.ok(!listener.ended && chair.closed === undefined, "nobody was thrown out");
  assert.ok(calm.packets > 0 && attacked.packets > 0, "the listener heard the speaker");
  assert.ok(
    attacked.longestMs <= calm.longestMs + MAX_ADDED_GAP_MS,
    `the sound had a gap of ${attacked.longestMs} ms, and of ${calm.longestMs} ms in peace`,
  );
  assert.equal(chair.problems["no reply"] ?? 0, 0, "every command of the chair was answered");
  assert.equal(attacked.probesFailed, 0, "the operator's probe was always answered");
  assert.deepEqual(attacked.redemptionsFailed, [], "a valid invitation passed at all times");
  const { granted } = await server.get(`/rooms/${room}/floor`, await server.token("moderator-1"));
  assert.equal(granted[0]?.id, request, "the same speech goes on");
  assert.equal(await server.metric("plenary_media_ungranted_packets_forwarded_total"), 0);
  assert.ok(attacked.residentMib < MAX_RESIDENT_MIB, `${attacked.residentMib} MiB resident`);
});
