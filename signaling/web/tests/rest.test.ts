import { expect, it } from "vitest";
import { AWAKE, changesOrder, isResting, REST_MS, rest, type Rest, type RestInput } from "../src/model/rest";
import { reduce } from "../src/model/reduce";
import { event, participant, request, room, speech } from "./examples";

const after = (...inputs: RestInput[]): Rest => inputs.reduce(rest, AWAKE);

it("a press rests the buttons until a second after the new order was drawn", () => {
  expect(isResting(after({ type: "sent" }), 1e9)).toBe(true);
  expect(isResting(after({ type: "sent" }, { type: "changed" }, { type: "drawn", at: 500 }), 1e9)).toBe(true);
  const drawn = after({ type: "sent" }, { type: "changed" }, { type: "replied" }, { type: "drawn", at: 500 });
  expect([isResting(drawn, 500 + REST_MS - 1), isResting(drawn, 500 + REST_MS)]).toEqual([true, false]);
});

it("an order that was not drawn yet is not pressed, however long the page takes", () => {
  expect(isResting(after({ type: "changed" }), 1e9)).toBe(true);
});

it("a refused press rests too, and a second order starts the second anew", () => {
  expect(isResting(after({ type: "sent" }, { type: "replied" }, { type: "drawn", at: 0 }), REST_MS - 1)).toBe(true);
  const twice = after({ type: "changed" }, { type: "drawn", at: 0 }, { type: "changed" }, { type: "drawn", at: 900 });
  expect(isResting(twice, REST_MS + 899)).toBe(true);
});

it("a drawing in which nothing has changed is no reason to rest", () => {
  expect(after({ type: "drawn", at: 500 })).toEqual(AWAKE);
});

const seats = () => ({
  ...room(),
  participants: [
    participant("moderator-1", "Moderator", { role: "moderator" }),
    ...["tokyo-1", "seoul-1", "delhi-1"].map((id) => participant(id, id)),
  ],
});

function disturbs(before: ReturnType<typeof seats>, change: ReturnType<typeof event>): boolean {
  return changesOrder(before, reduce(before, change), change);
}

it("the press of any moderator on the order rests the buttons, and the delegate's own request does not", () => {
  const before = seats();
  before.floor.requests = [
    request("r1", { beneficiary: "tokyo-1", position: 1 }),
    request("r2", { beneficiary: "seoul-1", state: "pending" }),
  ];
  const pending = request("r3", { beneficiary: "delhi-1", state: "pending" });
  expect(disturbs(before, event(1, "floor.requested", { request: pending, by: "delhi-1" }))).toBe(false);
  expect(
    disturbs(
      before,
      event(1, "floor.cancelled", { request: { ...before.floor.requests[1]!, state: "cancelled" }, by: "seoul-1" }),
    ),
  ).toBe(false);
  expect(
    disturbs(
      before,
      event(1, "floor.denied", { request: { ...before.floor.requests[1]!, state: "denied" }, by: "moderator-1" }),
    ),
  ).toBe(true);
});

it("the buttons rest when another participant is next, whoever caused it", () => {
  const before = seats();
  before.floor.requests = [
    request("r1", { beneficiary: "tokyo-1", position: 1 }),
    request("r2", { beneficiary: "seoul-1", position: 2 }),
  ];
  expect(
    disturbs(
      before,
      event(1, "floor.cancelled", {
        request: { ...before.floor.requests[0]!, state: "cancelled", position: null },
        by: "tokyo-1",
      }),
    ),
  ).toBe(true);
  expect(
    disturbs(
      before,
      event(1, "participant.updated", { participant: participant("tokyo-1", "tokyo-1", { state: "away" }) }),
    ),
  ).toBe(true);
  expect(
    disturbs(
      before,
      event(1, "participant.updated", { participant: participant("seoul-1", "seoul-1", { state: "away" }) }),
    ),
  ).toBe(false);
});

it("the buttons rest when a speech ends by itself", () => {
  const before = seats();
  before.floor.granted = [request("r1", { state: "granted", substate: "live" })];
  before.floor.speeches = [speech("r1")];
  expect(
    disturbs(
      before,
      event(1, "floor.released", {
        request: request("r1", { state: "released" }),
        speech: speech("r1", { ended_at: "2021-10-12T01:10:00Z" }),
        by: "tokyo-1",
      }),
    ),
  ).toBe(true);
});
