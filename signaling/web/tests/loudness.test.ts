import { expect, it } from "vitest";
import { measure, warningsOf } from "../src/model/loudness";

const RATE = 48_000;

/** A tone of 997 Hz, silent before and after. */
function tone(amplitude: number, seconds: number, before = 0, after = 0): Float32Array {
  return Float32Array.from({ length: (before + seconds + after) * RATE }, (_, at) => {
    const t = at / RATE - before;
    return t >= 0 && t < seconds ? amplitude * Math.sin(2 * Math.PI * 997 * t) : 0;
  });
}

it("a full tone in one channel has −3.01 LUFS, and in both 0, as the standard has it", () => {
  const full = tone(1, 4);
  expect(measure([full], RATE).lufs).toBeCloseTo(-3.01, 1);
  expect(measure([full, full], RATE).lufs).toBeCloseTo(0, 1);
  expect(measure([tone(0.1, 4)], RATE).lufs).toBeCloseTo(-23.01, 1);
});

it("another rate measures the same", () => {
  const slow = Float32Array.from({ length: 4 * 44_100 }, (_, at) => Math.sin((2 * Math.PI * 997 * at) / 44_100));
  expect(measure([slow], 44_100).lufs).toBeCloseTo(-3.01, 1);
});

it("silence at the ends is measured, and makes the sound no quieter", () => {
  const sound = measure([tone(0.2, 4, 3, 5)], RATE);
  expect(sound.lufs).toBeCloseTo(-17, 0);
  expect(Math.round(sound.leadMs / 100)).toBe(30);
  expect(Math.round(sound.tailMs / 100)).toBe(50);
  expect(warningsOf(sound).map(({ what, value }) => [what, Math.round(value)])).toEqual([
    ["lead", 3],
    ["tail", 5],
  ]);
});

it("what is much quieter or louder than usual is said, and that nothing is heard", () => {
  const what = (amplitude: number) => warningsOf(measure([tone(amplitude, 3)], RATE)).map((it) => it.what);
  expect([what(0.2), what(0.02), what(1)]).toEqual([[], ["quiet"], ["loud"]]);
  expect(what(0)).toEqual(["silent"]);
  expect(measure([], RATE)).toEqual({ lufs: null, leadMs: 0, tailMs: 0 });
});
