// The server is killed in the middle of everything, and started again. Thirty people in three rooms give commands;
// every change that one of them was told has happened, once, and no change has happened by half. In a fourth room
// somebody speaks to a listener, and both return by themselves.
//
//   ROUNDS=500 SEED=… node --test tests/e2e/crash.test.mjs

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Crowd, seededRandom, crowdConference } from "./lib/crowd.mjs";
import { ReturningParticipant } from "./lib/returning-participant.mjs";
import { Server, binary } from "./lib/server.mjs";
import { pause } from "./lib/until.mjs";

const rounds = Number(process.env.ROUNDS ?? 20);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
let server, crowd, speaker, listener;

before(async () => {
  await ReturningParticipant.build();
  server = await Server.start({ conference: crowdConference() });
  crowd = await Crowd.join(server);
  speaker = await ReturningParticipant.start(server, "stage-1-1", "stage");
  listener = await ReturningParticipant.start(server, "stage-2-1", "stage", ["--listen"]);
  const { id } = await server.post("/rooms/stage/floor/requests", {}, await server.token("stage-1-1"));
  await server.post(`/rooms/stage/floor/requests/${id}/grant`, {}, await server.token("stage-chair"));
  await listener.firstPacket();
});

after(async () => {
  crowd?.leave();
  speaker?.stop();
  listener?.stop();
  await server?.close();
});

test(`nothing that was acknowledged is lost in ${rounds} crashes, nothing happens twice or by half, and media returns`, async () => {
  console.log(`seed ${seed}: again by SEED=${seed} ROUNDS=${rounds} node --test tests/e2e/crash.test.mjs`);
  const random = seededRandom(seed);
  for (let round = 1; round <= rounds; round++) {
    const acting = crowd.sendCommands(random);
    await pause(100 + random() * 400);
    const heard = listener.firstPacket();
    await server.restart("SIGKILL");
    await acting;
    await crowd.assertNothingLost(random);
    await heard;
    const { granted } = await server.get("/rooms/stage/floor", await server.token("stage-chair"));
    assert.equal(granted[0]?.beneficiary, "stage-1-1", `round ${round}: the same holder`);
    if (round % 50 === 0) console.log(`${round} rounds, seed ${seed}`);
  }
  const { stdout } = await promisify(execFile)(binary, ["journal", "verify", "--data", `${server.folder}/data`]);
  assert.equal(stdout.match(/records in order/g)?.length, 4, stdout);
});
