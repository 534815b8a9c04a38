import { expect, it } from "vitest";
import { clockFace, clockText, readingFrom, serverTime, usedText } from "../src/model/clock";
import { instantOf } from "../src/model/zone";
import { speech } from "./examples";

const start = Date.parse("2021-10-12T01:00:00Z");
const after = (seconds: number) => clockFace(speech("r1"), start + seconds * 1000, 60_000);

it("eight minutes are green, amber from seven, red from eight", () => {
  expect([0, 419, 420, 479, 480, 510].map((s) => after(s).colour)).toEqual([
    "green",
    "green",
    "amber",
    "amber",
    "red",
    "red",
  ]);
});

it("a paused clock stands still", () => {
  const paused = speech("r1", { running: false, consumed_ms: 5_000 });
  expect(clockFace(paused, start + 99_000, 60_000).consumedMs).toBe(5_000);
});

it("a clock never counts back where this device's clock is behind the server's", () => {
  expect(clockFace(speech("r1"), start - 3_000, 60_000).consumedMs).toBe(0);
});

it("a clock shows whole seconds, with a minus sign past the limit", () => {
  expect([480_000, 479_001, 61_000, 1, 0, -999, -12_000].map(clockText)).toEqual([
    "8:00",
    "8:00",
    "1:01",
    "0:01",
    "0:00",
    "0:00",
    "−0:12",
  ]);
});

it("the server's clock is taken to have been read in the middle of the round trip, and goes on by this page's stopwatch", () => {
  const reading = readingFrom(1_000, 1_200, start);
  expect([1_200, 11_200].map((here) => serverTime(reading, here) - start)).toEqual([100, 10_100]);
});

it("no code of the page asks what this device takes for the time of day", () => {
  const sources = import.meta.glob<string>("../src/**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
  const asking = Object.entries(sources)
    .filter(([, text]) => /\bDate\.now\b|\bnew Date\(\)|\btimeOrigin\b/.test(text))
    .map(([path]) => path);
  expect(Object.keys(sources).length).toBeGreaterThan(100);
  expect(asking).toEqual([]);
});

it("a time of the agenda is a wall-clock time of the conference", () => {
  expect(instantOf("2021-10-12T09:00:00", "Asia/Taipei").toISOString()).toBe("2021-10-12T01:00:00.000Z");
  expect(instantOf("2021-10-12T01:00:00Z", "Asia/Taipei").toISOString()).toBe("2021-10-12T01:00:00.000Z");
  expect(instantOf("2021-10-31T04:00:00", "Europe/Brussels").toISOString()).toBe("2021-10-31T03:00:00.000Z");
});

it("time that was used is rounded as the minutes round it, to the nearest second", () => {
  expect([251_499, 251_500, 480_000, 0, 400].map(usedText)).toEqual(["4:11", "4:12", "8:00", "0:00", "0:00"]);
});
