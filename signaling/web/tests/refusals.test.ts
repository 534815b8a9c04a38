import { expect, it } from "vitest";
import { complaint } from "../src/model/refusal";
import { participant, request, room, speech } from "./examples";

it("a refusal for an absent person lasts until somebody comes or goes", () => {
  const before = room();
  const back = {
    ...before,
    participants: [
      participant("tokyo-1", "Tokyo delegate", { delegation: "tokyo" }),
      participant("seoul-1", "Seoul delegate", { delegation: "seoul" }),
    ],
  };
  const of = (r: ReturnType<typeof room>) => complaint(r, "floor.grant", "absent");
  expect(of(back)).not.toBe(of(before));
  expect(of({ ...before, seq: 9 })).toBe(of(before));
});

it("a refusal by the floor lasts until the order changes, and not until the clock runs on", () => {
  const of = (change: Partial<ReturnType<typeof room>["floor"]>) =>
    complaint({ ...room(), floor: { ...room().floor, ...change } }, "floor.grant", "floor_full");
  const before = { granted: [request("r1", { state: "granted" })], speech: speech("r1"), version: 3 };
  expect(of({ ...before, speech: speech("r1", { consumed_ms: 5_000 }), version: 4 })).toBe(of(before));
  expect(of({ ...before, granted: [] })).not.toBe(of(before));
});

it("a refusal of a question lasts until members or questions change", () => {
  const before = room();
  expect(complaint({ ...before, floor: { ...before.floor, chair: "moderator-1" } }, "decision.open", "conflict")).toBe(
    complaint(before, "decision.open", "conflict"),
  );
  expect(complaint({ ...before, participants: [] }, "decision.open", "no_quorum")).not.toBe(
    complaint(before, "decision.open", "no_quorum"),
  );
});
