import { expect, it } from "vitest";
import { actionsOn, grantCommand, grantOf, lightOf, passedOver } from "../src/model/entry";
import { waitedMinutes } from "../src/model/estimate";
import { urgent } from "../src/model/order";
import type { Floor } from "../src/model/types";
import { request, room, settings } from "./examples";

it("the actions on a request follow its state", () => {
  expect(actionsOn(request("r1", { state: "pending" }))).toEqual(["accept", "grant", "deny"]);
  expect(actionsOn(request("r1", { position: 1 }))).toEqual(["grant", "pass", "deny"]);
  expect(actionsOn(request("r1", { substate: "passed" }))).toEqual(["recall", "deny"]);
});

it("a light says whether a participant is present and sends", () => {
  const r = room();
  expect([lightOf(r, "tokyo-1"), lightOf(r, "seoul-1"), lightOf(r, "nobody")]).toEqual(["sending", "absent", "absent"]);
  r.participants[0]!.publishing = false;
  expect(lightOf(r, "tokyo-1")).toBe("listening");
});

it("the absent participants before the first present one are named before they are passed", () => {
  const r = room();
  r.floor.requests = [request("r1", { position: 1, beneficiary: "seoul-1" }), request("r2", { position: 2 })];
  expect(passedOver(r).map((q) => q.id)).toEqual(["r1"]);
  r.floor.requests = [request("r1", { position: 1, beneficiary: "seoul-1" })];
  expect(passedOver(r)).toEqual([]);
});

const held = (change: Partial<Floor> = {}): Floor => ({
  ...room().floor,
  granted: [request("r1", { state: "granted", substate: "live" })],
  ...change,
});
const override = { settings: { ...settings(), when_full: "override" as const } };

it("a grant on a free floor ends no speech", () => {
  expect(grantCommand(room().floor, request("r2"))).toEqual({ type: "floor.grant", fields: { request: "r2" } });
  expect(grantOf(held({ nom: 2 }), request("r2")).does).toBe("grant");
});

it("a grant on a full floor names the holder whose speech it ends, where the rules let it", () => {
  expect(grantOf(held(override), request("r2"))).toMatchObject({ does: "replace", holder: { id: "r1" } });
  expect(grantCommand(held(override), request("r2"))).toEqual({
    type: "floor.grant",
    fields: { request: "r2", replace: "r1" },
  });
});

it("a grant that has to wait puts the request first on the list", () => {
  expect(grantCommand(held(), request("r2", { state: "pending" }))).toEqual({
    type: "floor.accept",
    fields: { request: "r2", position: 1 },
  });
  expect(grantCommand(held(), request("r2", { position: 3 }))).toEqual({
    type: "floor.move",
    fields: { request: "r2", position: 1, override: true },
  });
  expect(grantCommand(held(), request("r2", { position: 1 }))).toBeNull();
});

it("a suspended speech does not make a grant wait, and is ended by it", () => {
  expect(
    grantOf(held({ granted: [request("r1", { state: "granted", substate: "suspended" })] }), request("r2")).does,
  ).toBe("replace");
});

it("a point of order and the acting chair need no microphone, and take none", () => {
  expect(grantOf(held(), request("r2", { kind: "point_of_order" })).does).toBe("grant");
  expect(grantOf(held({ chair: "moderator-1" }), request("r2", { beneficiary: "moderator-1" })).does).toBe("grant");
  expect(grantOf(held({ chair: "tokyo-1" }), request("r2", { beneficiary: "seoul-1" })).does).toBe("grant");
});

it("a point of order is shown while it is heard, because the chair rules on it then", () => {
  const point = request("r2", { kind: "point_of_order", state: "granted", substate: "live" });
  const floor = {
    ...room().floor,
    requests: [request("r3"), point],
    granted: [request("r1", { state: "granted" }), point],
  };
  expect(urgent(floor).map((r) => r.id)).toEqual(["r2"]);
});

it("a point of order that was ruled on is gone, whether or not it was heard", () => {
  const upheld = request("r2", { kind: "point_of_order", state: "accepted" });
  expect(urgent({ ...room().floor, requests: [upheld] })).toEqual([]);
});

it("a request has waited whole minutes, and none before the first is over", () => {
  const asked = request("r1", { asked_at: "2021-10-12T01:00:00Z" });
  expect(
    [0, 59_999, 60_000, 185_000, -5_000].map((ms) => waitedMinutes(asked, Date.parse(asked.asked_at) + ms)),
  ).toEqual([0, 0, 1, 3, 0]);
});
