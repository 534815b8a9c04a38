import { expect, it } from "vitest";
import {
  badness,
  causeOf,
  diskTrouble,
  displaysOf,
  helpOf,
  newCalls,
  recordedRooms,
  refusesCommands,
  runsOut,
  seatsOf,
  staleRooms,
  summary,
  verdict,
  type Seat,
} from "../src/model/health";
import { record, sparkline, type History } from "../src/model/history";
import { withReading } from "../src/model/incidents";
import type { SeatHealth } from "../src/wire/generated/http";
import { disk, health, seatHealth } from "./examples";

const seats = (...figures: Partial<SeatHealth>[]): Seat[] =>
  seatsOf(health([{ participants: figures.map((change, i) => seatHealth(`p${i}`, change)) }]));
const MINUTE = 60_000;

it("the cause is the worst of what is wrong, with the side that it is on", () => {
  const cause = (figures: Partial<SeatHealth>) => causeOf(seats(figures)[0]!);
  expect([
    cause({ loss_up: 0.08, rtt_ms: 300 }),
    cause({ loss_down: 0.03 }),
    cause({ jitter_ms: 60 }),
    cause({ rtt_ms: 700, jitter_ms: 31 }),
    cause({}),
  ]).toEqual(["loss_up", "loss_down", "jitter", "rtt", null]);
  expect([cause({ state: "away" }), cause({ state: "seated" }), cause({ state: "connecting" })]).toEqual([
    "away",
    "no_media",
    "no_path",
  ]);
});

it("the history holds ten minutes, and forgets a seat that is gone with its last reading", () => {
  let history: History = new Map();
  history = record(history, seats({ rtt_ms: 10 }, { rtt_ms: 20 }), 0);
  history = record(history, seats({ rtt_ms: 30 }), 9 * MINUTE);
  expect(history.get("climate/p0")?.map((r) => r.rtt_ms)).toEqual([10, 30]);
  history = record(history, seats({ rtt_ms: 40 }), 11 * MINUTE);
  expect(history.get("climate/p0")?.map((r) => r.rtt_ms)).toEqual([30, 40]);
  expect(history.has("climate/p1")).toBe(false);
});

it("a sparkline runs from ten minutes ago to now, and stays low while nothing is wrong", () => {
  expect(
    sparkline(
      [
        { at: 0, value: 0 },
        { at: 5 * MINUTE, value: null },
        { at: 10 * MINUTE, value: 50 },
      ],
      10 * MINUTE,
      100,
      10,
      100,
    ),
  ).toBe("0.0,10.0 100.0,5.0");
  expect(sparkline([{ at: 0, value: 400 }], 0, 100, 10, 100)).toBe("100.0,0.0");
  expect(sparkline([], 0, 100, 10, 100)).toBe("");
});

it("an incident begins, goes on, changes its cause and ends", () => {
  const bad = seats({ loss_up: 0.2 });
  const begun = withReading([], bad, 1);
  expect(begun).toMatchObject([{ seat: "climate/p0", cause: "loss_up", from: 1, to: null }]);
  expect(withReading(begun, bad, 2)).toEqual(begun);
  const gone = withReading(begun, seats({ state: "away" }), 3);
  expect(gone.map((i) => [i.cause, i.from, i.to])).toEqual([
    ["away", 3, null],
    ["loss_up", 1, 3],
  ]);
  expect(withReading(gone, seats({}), 4)[0]).toMatchObject({ cause: "away", to: 4 });
});

it("seats are sorted by badness, and a figure that was not measured is no fault", () => {
  const sorted = seats({ rtt_ms: 20 }, { loss_up: 0.08 }, { state: "failed" }, {});
  expect(sorted.map((s) => s.person)).toEqual(["p2", "p1", "p0", "p3"]);
  expect(sorted.map(verdict)).toEqual(["lost", "poor", "good", "unknown"]);
  expect(badness(sorted[3]!)).toBe(0);
});

it("a disk is in trouble unless it is well, and only some troubles refuse commands", () => {
  expect(diskTrouble(disk())).toBeNull();
  expect(diskTrouble(disk({ state: "slow", trouble: "the disk takes 2.1 s" }))).toBe("slow");
  expect((["low", "slow", "full", "read_only", "failing", "damaged"] as const).map(refusesCommands)).toEqual([
    false,
    false,
    true,
    true,
    true,
    true,
  ]);
});

it("a trouble that only a newer server knows counts as a failing disk", () => {
  expect(diskTrouble(JSON.parse('{ "disk": { "state": "on_fire", "trouble": "it burns" } }'))).toBe("failing");
});

it("a room that waits for the disk is named", () => {
  expect(staleRooms(health([{ stale: true }, { room: "covid", title: "COVID-19" }])).map(({ title }) => title)).toEqual(
    ["Climate"],
  );
});

it("a disk trouble is an incident of the server, and a worse trouble is another incident", () => {
  const slow = withReading([], [], 1, "slow");
  expect(slow).toMatchObject([{ seat: "server", cause: "disk_slow", from: 1, to: null }]);
  expect(withReading(slow, [], 2, "slow")).toEqual(slow);
  expect(withReading(slow, [], 3, "full").map((i) => [i.cause, i.to])).toEqual([
    ["disk_full", null],
    ["disk_slow", 3],
  ]);
  expect(withReading(slow, [], 4)[0]).toMatchObject({ cause: "disk_slow", to: 4 });
});

it("nothing is called well before it was measured, nor after the figures have stopped", () => {
  const measured = { rtt_ms: 40 };
  expect(summary([], null, false)).toEqual({ says: "waiting_for_figures" });
  expect(summary([], null, true)).toEqual({ says: "waiting_for_figures" });
  expect(summary(seats(measured), disk(), true)).toEqual({ says: "outdated" });
  expect(summary([], disk(), false)).toEqual({ says: "nobody_measured" });
  expect(summary(seats({}), disk(), false)).toEqual({ says: "nobody_measured" });
  expect(summary(seats(measured, {}), disk(), false)).toEqual({ says: "partly_measured", n: 1, of: 2 });
  expect(summary(seats(measured, { bitrate_up: 30_000, loss_up: 0 }), disk(), false)).toEqual({ says: "fine", n: 2 });
});

it("trouble is said before what is well", () => {
  expect(summary(seats({ rtt_ms: 40 }, { loss_up: 0.2 }), disk({ state: "slow" }), false)).toEqual({
    says: "bad",
    n: 1,
  });
  expect(summary(seats({ rtt_ms: 40 }), disk({ state: "slow" }), false)).toEqual({ says: "disk_bad" });
});

it("a seat without figures is not called good", () => {
  const words = (figures: Partial<SeatHealth>) => verdict(seats(figures)[0]!);
  expect([
    words({}),
    words({ loss_up: 0, loss_down: 0, bitrate_up: 0, bitrate_down: 0 }),
    words({ rtt_ms: 40 }),
  ]).toEqual(["unknown", "unknown", "good"]);
});

it("calls for help of all rooms are one list, the oldest first, and displays are listed where there are any", () => {
  const call = (id: number, at: string) => ({
    id,
    at,
    from: "tokyo-1",
    name: "Tokyo",
    delegation: null,
    detail: "",
    text: "Help",
    to: "operators",
    help: true,
  });
  const answer = health([
    { help: [call(7, "2021-10-12T02:00:00Z")], displays: [{ since: "2021-10-12T01:00:00Z" }] },
    { room: "covid", title: "COVID-19", help: [call(3, "2021-10-12T01:30:00Z")] },
  ]);
  expect(helpOf(answer).map(({ room, room_title, id }) => [room, room_title, id])).toEqual([
    ["covid", "COVID-19", 3],
    ["climate", "Climate", 7],
  ]);
  expect(newCalls(helpOf(answer).slice(0, 1), answer).map(({ id }) => id)).toEqual([7]);
  expect(displaysOf(answer)).toEqual([{ room: "climate", room_title: "Climate", since: ["2021-10-12T01:00:00Z"] }]);
});

it("the figures of a call for help tell a cause as those of a seat do", () => {
  expect(causeOf({ state: "connected", loss_up: 0.08 })).toBe("loss_up");
  expect(causeOf({ state: "seated" })).toBe("no_media");
  expect(causeOf({ state: "connected", rtt_ms: 40 })).toBeNull();
});

it("the rooms that are recorded are listed, and warn when the disk lasts less than two hours", () => {
  const recording = { since: "2021-10-12T01:00:00Z", bytes: 1e9, takes: 12, bytes_per_hour: 5e8, free_hours: 1.5 };
  const answer = [{ room: "climate", title: "Climate", recording }, { room: "covid" }];
  const rooms = recordedRooms(health(answer));
  expect(rooms).toEqual([{ ...recording, room: "climate", room_title: "Climate" }]);
  expect([1.9, 2, null, undefined].map((free_hours) => runsOut({ free_hours }))).toEqual([true, false, false, false]);
});
