import { expect, it } from "vitest";
import { gapsIn, whyMissing } from "../src/model/missing";
import type { Proceedings } from "../src/model/proceedings";

type Recorded = Pick<Proceedings, "recording" | "recording_gaps" | "takes">;

const time = (seconds: number) => {
  const utc = new Date(Date.parse("2021-10-12T01:00:00Z") + seconds * 1_000).toISOString();
  return { utc, local: utc };
};
const on = (seconds: number) => ({ seq: seconds, at: time(seconds), recording: true });
const off = (seconds: number, reason?: "disk_full") => ({ seq: seconds, at: time(seconds), recording: false, reason });
const speech = (from: number, to: number | null) => ({
  request: "r1",
  began: time(from),
  ended: to === null ? null : time(to),
});
const take = (change: object = {}) => ({ id: "t1", seq: 9, speech: "r1", ...change }) as never;
const why = (record: Recorded, from = 100, to: number | null = 200) => whyMissing(record, speech(from, to));

it("in a room that was never recorded, nothing is missing", () => {
  expect([why({}), why({ recording: [] })]).toEqual([null, null]);
});

it("a speech before the recording, after it or between two is not recorded because it was off", () => {
  const record = { recording: [on(0), off(50), on(300)] };
  expect([why(record, 60, 90), why(record, -20, -10)]).toEqual([{ why: "off" }, { why: "off" }]);
});

it("after the server has stopped it by itself, the reason is said", () => {
  expect(why({ recording: [on(0), off(50, "disk_full")] })).toEqual({ why: "stopped", reason: "disk_full" });
});

it("a speech that goes on is played later, if it is recorded at all", () => {
  expect(why({ recording: [on(0)] }, 100, null)).toEqual({ why: "running" });
  expect(why({ recording: [on(0), off(50), on(150)] }, 100, null)).toEqual({ why: "running" });
  expect(why({ recording: [on(0), off(50)] }, 100, null)).toEqual({ why: "off" });
});

it("of a recorded speech nothing came, or a gap has it all", () => {
  expect(why({ recording: [on(0)] })).toEqual({ why: "nothing" });
  const gap = { seq: 5, from: time(90), to: time(210), reason: "disk_slow" } as const;
  expect(why({ recording: [on(0)], recording_gaps: [gap] })).toEqual({ why: "stopped", reason: "disk_slow" });
});

it("a deleted speech says for which reason, and only once all its files are gone", () => {
  const deleted = { deleted: time(900), deletion: "retention" };
  expect(why({ recording: [on(0)], takes: [take(deleted)] })).toEqual({ why: "deleted", reason: "retention" });
  expect(why({ recording: [on(0)], takes: [take(deleted), take()] })).toEqual({ why: "unknown" });
});

it("the gaps of a speech are those that touch it", () => {
  const gap = (from: number, to: number) =>
    ({ seq: from, from: time(from), to: time(to), reason: "disk_slow" }) as const;
  const record = { recording_gaps: [gap(0, 100), gap(150, 160), gap(190, 250), gap(200, 300)] };
  expect(gapsIn(record, speech(100, 200)).map(({ seq }) => seq)).toEqual([150, 190]);
  expect(gapsIn(record, speech(180, null)).map(({ seq }) => seq)).toEqual([190, 200]);
});
