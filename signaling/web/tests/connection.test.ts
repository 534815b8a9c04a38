import { expect, it } from "vitest";
import { badness, seatsOf, verdict } from "../src/model/health";
import { backoffMs } from "../src/wire/backoff";
import { afterClose } from "../src/wire/closing";

it("waiting doubles up to a ceiling, and its upper half is random", () => {
  expect([0, 1, 2, 20].map((n) => backoffMs(n, () => 1))).toEqual([400, 800, 1600, 15_000]);
  expect(backoffMs(1, () => 0)).toBe(400);
});

it("each close code is followed by what the contract means", () => {
  expect([4401, 4403, 4409, 1001, 1006, 4429].map(afterClose)).toEqual(["redeem", "forbidden", "replaced", "reconnect", "reconnect", "reconnect"]);
});

it("seats are sorted by badness, and what was not measured is no fault", () => {
  const seats = seatsOf({ rooms: [{ room: "climate", participants: [
    { person: "a", state: "connected", rtt_ms: 20 },
    { person: "b", state: "connected", loss: 0.08 },
    { person: "c", state: "failed" },
    { person: "d", state: "connected" },
  ] }] });
  expect(seats.map((s) => s.person)).toEqual(["c", "b", "a", "d"]);
  expect(seats.map(verdict)).toEqual(["lost", "poor", "good", "good"]);
  expect(badness(seats[3]!)).toBe(0);
});

it("an answer of another shape shows no seats instead of failing", () => {
  expect([seatsOf(null), seatsOf("x"), seatsOf({ rooms: [null] })]).toEqual([[], [], []]);
});
