// Standard clients over HTTP alone: a studio by WHIP is heard and seen once its person has the floor, and a player by
// WHEP receives who has it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { pause } from "../e2e/lib/until.mjs";
import { inRoom } from "./lib/room.mjs";
import { Stack } from "./lib/stack.mjs";

const ENOUGH_SOUND_PACKETS = 20;
const ENOUGH_PICTURES = 5;

const shows = (slot, person) => slot?.shows?.participant === person;

/** The headless participant hears a person. */
const heard = (headless, person) =>
  headless.until(`sound of ${person}`, () => {
    const voice = headless.slot("voice");
    return shows(voice, person) && voice.count.packets >= ENOUGH_SOUND_PACKETS;
  });

/** The headless participant sees a person. */
const seen = (headless, person) =>
  headless.until(`pictures of ${person}`, () => {
    const stage = headless.slot("stage");
    return shows(stage, person) && stage.count.frames >= ENOUGH_PICTURES && stage.count.keyframes > 0;
  });

/** Begins a session with the offer of a stack; resolves once its media are connected. */
async function begin(server, stack, folder, secret) {
  const response = await fetch(`${server.url}/${folder}/climate`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/sdp" },
    body: await stack.offer(),
  });
  const answer = await response.text();
  assert.equal(response.status, 201, answer);
  assert.match(response.headers.get("etag"), /^"/);
  stack.say({ answer });
  await stack.until("connected", ({ state }) => state === "connected");
  return new URL(response.headers.get("location"), response.url).href;
}

const end = (address, secret) => fetch(address, { method: "DELETE", headers: { authorization: `Bearer ${secret}` } });

const invitation = async (server, person) => (await server.invitations())[person].invitation;

const participant = async (server, person) => {
  const { participants } = await server.call("GET", "/rooms/climate", { token: await server.token("operator-1") });
  return participants.find((each) => each.person === person);
};

/** Waits until the seat of a person is as `wanted`. */
async function untilSeat(server, person, wanted) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = await participant(server, person);
    if (wanted(found)) return;
    assert.ok(Date.now() < deadline, `not in time: ${JSON.stringify(found)}`);
    // One person is answered only so often.
    await pause(250);
  }
}

/** Before the grant nothing of a studio is received; with it its person is heard. */
async function speaks(server, headless, person) {
  for (const wants of ["voice", "stage"])
    assert.equal(headless.slot(wants).count.packets, 0, "nothing before the grant");
  await server.post("/rooms/climate/floor/requests", {}, await server.token(person));
  await heard(headless, person);
  assert.equal(await server.metric("plenary_media_ungranted_packets_forwarded_total"), 0);
}

for (const name of ["GStreamer", "aiortc"]) {
  test(`a studio with ${name} by WHIP is heard and seen with the floor only, and its DELETE leaves the seat`, () =>
    inRoom(async ({ server, headless, opened }) => {
      const secret = await invitation(server, "tokyo-1");
      const stack = opened(new Stack(name, ["--only-send"]));
      const address = await begin(server, stack, "whip", secret);
      await speaks(server, headless, "tokyo-1");
      await seen(headless, "tokyo-1");
      assert.equal((await end(address, secret)).status, 200);
      await untilSeat(server, "tokyo-1", ({ state }) => state === "away");
    }));

  test(`a player with ${name} by WHEP receives who has the floor, and its person publishes nothing`, () =>
    inRoom(async ({ server, opened }) => {
      const secret = await invitation(server, "delhi-1");
      const stack = opened(new Stack(name, ["--only-receive"]));
      const address = await begin(server, stack, "whep", secret);
      assert.equal((await participant(server, "delhi-1")).publishing, false);
      await server.post("/rooms/climate/floor/requests", {}, await server.token("seoul-1"));
      await stack.until("sound", ({ sound }) => sound >= ENOUGH_SOUND_PACKETS);
      await stack.until("pictures", ({ pictures }) => pictures >= ENOUGH_PICTURES);
      assert.equal((await end(address, secret)).status, 200);
    }));
}

test("a player by WHEP with a display link receives who has the floor, and is nobody", () =>
  inRoom(async ({ server, opened }) => {
    const [{ invitation: secret }] = await server.invite("--display", "climate");
    const stack = opened(new Stack("aiortc", ["--only-receive"]));
    await begin(server, stack, "whep", secret);
    await server.post("/rooms/climate/floor/requests", {}, await server.token("seoul-1"));
    await stack.until("sound", ({ sound }) => sound >= ENOUGH_SOUND_PACKETS);
    const { participants } = await server.call("GET", "/rooms/climate", { token: await server.token("operator-1") });
    assert.deepEqual(
      participants.map(({ person }) => person),
      ["seoul-1"],
    );
  }));

test("a studio that is cut off without a word is away once its path is silent", () =>
  inRoom(async ({ server, opened }) => {
    const stack = opened(new Stack("aiortc", ["--only-send"]));
    await begin(server, stack, "whip", await invitation(server, "tokyo-1"));
    assert.equal((await participant(server, "tokyo-1")).state, "seated");
    stack.close();
    await untilSeat(server, "tokyo-1", ({ state }) => state === "away");
  }));
