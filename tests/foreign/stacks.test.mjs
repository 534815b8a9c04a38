// WebRTC stacks that share no code with the server or with each other: each joins over the WebSocket, is heard and seen
// once it has the floor, and receives the next speaker.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inRoom, seat } from "./lib/room.mjs";

const ENOUGH_SOUND_PACKETS = 20;
const ENOUGH_PICTURES = 5;

const shows = (slot, person) => slot?.shows?.participant === person;

/** The headless participant hears and sees a person. */
const heard = (headless, person) =>
  headless.until(`sound of ${person}`, () => {
    const voice = headless.slot("voice");
    return shows(voice, person) && voice.count.packets >= ENOUGH_SOUND_PACKETS;
  });
const seen = (headless, person) =>
  headless.until(`pictures of ${person}`, () => {
    const stage = headless.slot("stage");
    return shows(stage, person) && stage.count.frames >= ENOUGH_PICTURES && stage.count.keyframes > 0;
  });

const variants = [
  ["GStreamer", "GStreamer", []],
  ["GStreamer that names no SSRC", "GStreamer", ["--without-ssrc"]],
  ["GStreamer that names no channels of Opus", "GStreamer", ["--opus-without-channels"]],
  ["aiortc", "aiortc", []],
  ["werift", "werift", []],
  ["libdatachannel", "libdatachannel", []],
  ["webrtc-rs", "webrtc-rs", []],
];

for (const [title, name, flags] of variants) {
  test(`${title} is heard and seen with the floor only, and receives the next speaker`, () =>
    inRoom(async ({ server, headless, opened }) => {
      const { stack, participant } = await seat(server, "tokyo-1", name, flags);
      opened(stack);
      opened(participant);
      assert.equal(headless.slot("voice").count.packets, 0, "nothing before the grant");
      assert.equal(headless.slot("stage").count.packets, 0, "nothing before the grant");

      const request = await participant.requestFloor();
      await Promise.all([heard(headless, "tokyo-1"), seen(headless, "tokyo-1")]);
      assert.equal(headless.slot("voice").count.ssrcs.length, 1);
      assert.equal(stack.said.sound ?? 0, 0, "nobody receives the own voice");

      await participant.command("floor.release", { request: request.id });
      await server.post("/rooms/climate/floor/requests", {}, await server.token("seoul-1"));
      await stack.until("the next speaker's sound", ({ sound }) => sound >= ENOUGH_SOUND_PACKETS);
      await stack.until("the next speaker's pictures", ({ pictures }) => pictures >= ENOUGH_PICTURES);
      assert.equal(await server.metric("plenary_media_ungranted_packets_forwarded_total"), 0);
    }));
}

test("GStreamer takes an answer that refuses one of its lines, and is heard", () =>
  inRoom(async ({ server, headless, opened }) => {
    const { stack, participant } = await seat(server, "tokyo-1", "GStreamer", ["--draft-vp8"]);
    opened(stack);
    opened(participant);
    const { answer } = participant.messages.find(({ type }) => type === "welcome");
    assert.match(answer, /^m=video 0 /m, "the camera is refused");
    await participant.requestFloor();
    await heard(headless, "tokyo-1");
  }));
