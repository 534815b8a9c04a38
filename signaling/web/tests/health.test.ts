import { expect, it } from "vitest";
import { causeOf, seatsOf, type Seat } from "../src/model/health";
import { remember, sparkline, type History } from "../src/model/history";
import { follow } from "../src/model/incidents";
import { diskTrouble, serverOf, staleRooms } from "../src/model/server";

const seats = (...figures: object[]): Seat[] => seatsOf({ room: "climate", participants: figures.map((f, i) => ({ person: `p${i}`, name: `P${i}`, state: "connected", ...f })) });
const MINUTE = 60_000;

it("the cause is the worst of what is wrong, and whose side it is on", () => {
  const cause = (figures: object) => causeOf(seats(figures)[0]!);
  expect([cause({ loss_up: 0.08, rtt_ms: 300 }), cause({ loss_down: 0.03 }), cause({ jitter_ms: 60 }), cause({ rtt_ms: 700, jitter_ms: 31 }), cause({})]).toEqual(["loss_up", "loss_down", "jitter", "rtt", null]);
  expect([cause({ state: "away" }), cause({ state: "seated" }), cause({ state: "connecting" })]).toEqual(["away", "no_media", "no_path"]);
});

it("ten minutes are remembered, and a seat that is gone is forgotten with them", () => {
  let history: History = new Map();
  history = remember(history, seats({ rtt_ms: 10 }, { rtt_ms: 20 }), 0);
  history = remember(history, seats({ rtt_ms: 30 }), 9 * MINUTE);
  expect(history.get("climate/p0")?.map((r) => r.rttMs)).toEqual([10, 30]);
  history = remember(history, seats({ rtt_ms: 40 }), 11 * MINUTE);
  expect(history.get("climate/p0")?.map((r) => r.rttMs)).toEqual([30, 40]);
  expect(history.has("climate/p1")).toBe(false);
});

it("a line runs from ten minutes ago to now, and stays low while nothing is wrong", () => {
  expect(sparkline([{ at: 0, value: 0 }, { at: 5 * MINUTE, value: null }, { at: 10 * MINUTE, value: 50 }], 10 * MINUTE, 100, 10, 100)).toBe("0.0,10.0 100.0,5.0");
  expect(sparkline([{ at: 0, value: 400 }], 0, 100, 10, 100)).toBe("100.0,0.0");
  expect(sparkline([], 0, 100, 10, 100)).toBe("");
});

it("an incident begins, goes on, changes its cause and ends", () => {
  const bad = seats({ loss_up: 0.2 });
  const begun = follow([], bad, 1);
  expect(begun).toMatchObject([{ seat: "climate/p0", cause: "loss_up", from: 1, to: null }]);
  expect(follow(begun, bad, 2)).toEqual(begun);
  const gone = follow(begun, seats({ state: "away" }), 3);
  expect(gone.map((i) => [i.cause, i.from, i.to])).toEqual([["away", 3, null], ["loss_up", 1, 3]]);
  expect(follow(gone, seats({}), 4)[0]).toMatchObject({ cause: "away", to: 4 });
});

const SLOW = { server: { disk: { state: "slow", trouble: "the disk takes 2.1 s", advice: "See.", since: "2021-10-12T01:00:00.000Z", slow_ms: 2100, waiting: 3, free_bytes: 4e10, size_bytes: 5e10 }, load: 0.5, processors: 2 } };

it("the server says how its disk does, since when, and what waits for it", () => {
  expect(serverOf(SLOW)).toMatchObject({ disk: "slow", since: Date.UTC(2021, 9, 12, 1), slowMs: 2100, waiting: 3, free: 4e10, load: 0.5, processors: 2 });
  expect(diskTrouble(serverOf(SLOW))).toBe("slow");
  expect(diskTrouble(serverOf({ server: { disk: { state: "ok", trouble: null } } }))).toBe(null);
});

it("a server that says nothing of its machine is in no trouble, and a trouble that is not known is one", () => {
  expect([serverOf({ rooms: [] }), serverOf(null), serverOf({ server: { disk: 7 } })]).toEqual([null, null, null]);
  expect(diskTrouble(serverOf({ server: { disk: { state: "on_fire", trouble: "it burns" } } }))).toBe("failing");
});

it("a room that waits for the disk is named", () => {
  expect(staleRooms({ rooms: [{ room: "climate", title: "Climate", stale: true }, { room: "covid", title: "COVID-19" }] })).toEqual(["Climate"]);
});

it("the disk's trouble is an incident of the server, and worse trouble another", () => {
  const slow = follow([], [], 1, "slow");
  expect(slow).toMatchObject([{ seat: "server", cause: "disk_slow", from: 1, to: null }]);
  expect(follow(slow, [], 2, "slow")).toEqual(slow);
  expect(follow(slow, [], 3, "full").map((i) => [i.cause, i.to])).toEqual([["disk_full", null], ["disk_slow", 3]]);
  expect(follow(slow, [], 4)[0]).toMatchObject({ cause: "disk_slow", to: 4 });
});
