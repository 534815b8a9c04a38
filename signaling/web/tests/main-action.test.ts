import { expect, it } from "vitest";
import { aboutMinutes, waitFor } from "../src/model/estimate";
import { isOnDeck, mainAction, otherKinds, ownPoint } from "../src/model/main-action";
import { moveTo, nextUp, placeAfter } from "../src/model/order";
import { CLERK, MODERATOR, request, room, speech, tokyo, VIEWER } from "./examples";

const floor = (change: object) => ({ ...room().floor, ...change });

it("the main button says the one thing that can be done now", () => {
  expect(mainAction(floor({}), tokyo, true).does).toBe("ask");
  expect(mainAction(floor({ requests: [request("r1", { position: 3 })] }), tokyo, true)).toMatchObject({
    does: "withdraw",
    position: 3,
  });
  expect(mainAction(floor({ granted: [request("r1", { state: "granted" })] }), tokyo, true).does).toBe("end");
  expect(
    mainAction(floor({ granted: [request("r1", { state: "granted", substate: "suspended" })] }), tokyo, true).does,
  ).toBe("suspended");
  expect(mainAction(floor({ requests: [request("r1", { substate: "passed" })] }), tokyo, true).does).toBe("passed");
});

it("the main button says why nothing can be done", () => {
  expect(mainAction(floor({ list: { state: "closed" } }), tokyo, true)).toMatchObject({ why: "list_closed" });
  expect(mainAction(floor({ mode: "direct" }), tokyo, true)).toMatchObject({ why: "direct" });
  expect(mainAction(floor({}), tokyo, false)).toMatchObject({ why: "away" });
  expect(mainAction(floor({}), { ...tokyo, may: VIEWER }, true)).toMatchObject({ why: "viewer" });
  expect(mainAction(floor({}), { ...tokyo, may: CLERK }, true)).toMatchObject({ why: "viewer" });
});

it("a second device offers to take over, and a point of order does not count as the statement", () => {
  expect(mainAction(floor({}), { ...tokyo, publishing: false }, true).does).toBe("use_device");
  expect(mainAction(floor({ requests: [request("r1", { kind: "point_of_order" })] }), tokyo, true).does).toBe("ask");
});

it("the other kinds of request follow the list, and none is offered twice", () => {
  expect(otherKinds(floor({}), tokyo)).toEqual(["point_of_order", "response", "motion"]);
  expect(otherKinds(floor({ list: { state: "closed" } }), tokyo)).toEqual(["point_of_order", "reply", "motion"]);
  expect(otherKinds(floor({ list: { state: "adjourned" } }), tokyo)).toEqual([]);
  expect(
    otherKinds(floor({ requests: [request("r1", { kind: "point_of_order", state: "pending" })] }), tokyo),
  ).not.toContain("point_of_order");
  expect(otherKinds(floor({}), { ...tokyo, may: MODERATOR })).toEqual([]);
});

it("a participant can withdraw a point of order until the chair has ruled", () => {
  const point = (state: "pending" | "accepted") =>
    floor({ requests: [request("r1", { kind: "point_of_order", state })] });
  expect(ownPoint(point("pending"), tokyo)?.id).toBe("r1");
  expect(ownPoint(point("accepted"), tokyo)).toBeNull();
});

it("the first participant of the list who is present is on deck", () => {
  const listed = (requests: object[]) => ({ ...room(), floor: floor({ requests }) });
  const seoul = request("r2", { position: 1, beneficiary: "seoul-1" });
  expect(isOnDeck(listed([request("r1", { position: 1 })]), tokyo)).toBe(true);
  expect(isOnDeck(listed([seoul, request("r1", { position: 2 })]), tokyo)).toBe(true);
  const here = {
    ...listed([seoul, request("r1", { position: 2 })]),
    participants: room().participants.map((p) => ({ ...p, state: "seated" as const })),
  };
  expect(isOnDeck(here, tokyo)).toBe(false);
});

it("next names the first present participant, and an unplaced one when nobody is listed", () => {
  const both = floor({
    requests: [request("r1", { position: 1, beneficiary: "delhi-1" }), request("r2", { position: 2 })],
  });
  expect(nextUp(both, (p) => p === "tokyo-1")?.id).toBe("r2");
  expect(nextUp(floor({ requests: [request("r3", { state: "pending" })] }), () => true)?.id).toBe("r3");
  expect(nextUp(floor({}), () => true)).toBeNull();
});

it("an entry moves to the place of another, and not beyond the ends", () => {
  const order = [request("a"), request("b"), request("c")];
  expect([
    placeAfter(order, "c", 0),
    placeAfter(order, "a", 1),
    placeAfter(order, "a", -1),
    placeAfter(order, "c", 3),
    placeAfter(order, "b", 1),
    placeAfter(order, "x", 0),
  ]).toEqual([1, 2, null, null, null, null]);
});

it("a move names its place, and the whole order where the chair has pinned others", () => {
  const order = [request("a"), request("b"), request("c")];
  expect(moveTo(order, "c", 0)).toEqual({ type: "floor.move", fields: { request: "c", position: 1, override: true } });
  const pinned = [request("a", { pinned: 1 }), request("b"), request("c")];
  expect(moveTo(pinned, "c", 0)).toEqual({ type: "floor.order", fields: { ids: ["c", "a", "b"] } });
  expect(moveTo(pinned, "a", 2)).toMatchObject({ type: "floor.move" });
  expect(moveTo(order, "a", 0)).toBeNull();
});

it("the wait is the rest of the speech and a limit for each speaker before", () => {
  const waits = floor({
    speech: speech("r0"),
    requests: [request("r1", { position: 1 }), request("r2", { position: 2 })],
  });
  expect(aboutMinutes(waitFor(waits, 2, 360_000))).toBe(14);
});
