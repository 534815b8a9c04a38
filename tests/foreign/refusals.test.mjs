// What cannot be served is refused in words, and a handshake that cannot be by an alert.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { Participant } from "../e2e/lib/participant.mjs";
import { until } from "../e2e/lib/until.mjs";
import { startServer } from "./lib/room.mjs";
import { Stack } from "./lib/stack.mjs";

let server;

before(async () => {
  server = await startServer();
});

after(async () => {
  await server?.close();
});

const refusal = async (offer) => {
  const refused = await Participant.join(server, "tokyo-1", "climate", { offer }).then(
    () => assert.fail("the offer was taken"),
    (error) => error,
  );
  return refused.problem;
};

test("libdatachannel with nothing but a data channel is refused in words", async () => {
  const stack = new Stack("libdatachannel", ["--data-channel-only"]);
  try {
    const problem = await refusal(await stack.offer());
    assert.equal(problem.code, "invalid");
    assert.match(problem.detail, /no line for sound or pictures, and data channels are not served/);
  } finally {
    stack.close();
  }
});

test("an offer without rtcp-mux is refused in words", async () => {
  const offer = await readFile(
    new URL("../../crates/transport/tests/offers/without-rtcp-mux.sdp", import.meta.url),
    "utf8",
  );
  const problem = await refusal(offer);
  assert.equal(problem.code, "invalid");
  assert.match(problem.detail, /no rtcp-mux/);
});

test("aiortc with an SRTP profile that is not served is told so by an alert, and operators find it in log and metrics", async () => {
  const stack = new Stack("aiortc", ["--srtp", "AEAD_AES_256_GCM"]);
  try {
    const participant = await Participant.join(server, "tokyo-1", "climate", { offer: await stack.offer() });
    stack.say({ answer: participant.messages.find(({ type }) => type === "welcome").answer });
    await stack.until("failed", ({ state }) => state === "failed");
    await until("media.ended", () =>
      participant.messages.find(({ type, why }) => type === "media.ended" && why === "handshake"),
    );
    assert.equal(await server.metric("plenary_media_handshakes_failed_total"), 1);
    assert.match(server.log, /no usable SRTP profile/);
    participant.close();
  } finally {
    stack.close();
  }
});
