import { describe, expect, it } from "vitest";
import { mutedSpeech, NO_SPEECH, wouldBeHeard, type MutedSpeech } from "../src/model/muted-speech";
import { channel, INTERPRETER, request, room, tokyo } from "./examples";

const heard = (state: MutedSpeech, level: number, ms: number): MutedSpeech => {
  let next = state;
  for (let at = 0; at < ms; at += 100) next = mutedSpeech(next, { type: "level", level, ms: 100 });
  return next;
};
const speaking = heard(NO_SPEECH, 0.6, 1_000);

describe("a participant who is muted", () => {
  it("speaks after some words, and not after a cough or the noise of a room", () => {
    expect(speaking.speaks).toBe(true);
    expect(heard(NO_SPEECH, 0.6, 300).speaks).toBe(false);
    expect(heard(NO_SPEECH, 0.3, 60_000).speaks).toBe(false);
  });

  it("speaks also with gaps between the syllables, and goes on over a pause between sentences", () => {
    let state = NO_SPEECH;
    for (let word = 0; word < 4; word += 1) state = heard(heard(state, 0.6, 300), 0.1, 100);
    expect(state.speaks).toBe(true);
    expect(heard(heard(state, 0.1, 3_000), 0.6, 100)).toMatchObject({ speaks: true, ms: 0 });
  });

  it("has stopped after a while of silence", () => {
    expect(heard(speaking, 0.1, 4_000).speaks).toBe(false);
  });

  it("is told once until they stop: what was put away stays so, and comes back with the next speech", () => {
    const away = mutedSpeech(speaking, { type: "dismissed" });
    expect(heard(heard(away, 0.1, 2_000), 0.6, 10_000)).toMatchObject({ speaks: true, dismissed: true });
    expect(heard(heard(away, 0.1, 4_000), 0.6, 1_000)).toMatchObject({ speaks: true, dismissed: false });
    expect(mutedSpeech(NO_SPEECH, { type: "dismissed" })).toEqual(NO_SPEECH);
  });
});

describe("a microphone that is off", () => {
  const floor = (change: object) => ({ ...room(), floor: { ...room().floor, chair: null, ...change } });

  it("would be heard of the holder of the floor, of the chair, and of an interpreter with a channel", () => {
    expect(wouldBeHeard(floor({ granted: [request("r1", { state: "granted" })] }), tokyo)).toBe(true);
    expect(wouldBeHeard(floor({ chair: tokyo.person }), tokyo)).toBe(true);
    expect(
      wouldBeHeard(
        { ...floor({}), channels: [channel("ja", { interpreter: tokyo.person })] },
        { ...tokyo, may: INTERPRETER },
      ),
    ).toBe(true);
  });

  it("would not be heard of anybody else, of a speech that is suspended, or of a second device", () => {
    expect(wouldBeHeard(floor({}), tokyo)).toBe(false);
    expect(wouldBeHeard(floor({ requests: [request("r1")] }), tokyo)).toBe(false);
    expect(wouldBeHeard(floor({ granted: [request("r1", { state: "granted", substate: "suspended" })] }), tokyo)).toBe(
      false,
    );
    expect(wouldBeHeard(floor({ chair: tokyo.person }), { ...tokyo, publishing: false })).toBe(false);
  });
});
