import { expect, it } from "vitest";
import { actionsOn, grantFields, lightOf, passedOver } from "../src/model/entry";
import { urgent } from "../src/model/order";
import { request, room } from "./examples";

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

it("a grant on a full floor names the holder it replaces, and a point of order replaces nobody", () => {
  const held = { ...room().floor, granted: [request("r1", { state: "granted", substate: "live" })] };
  expect(grantFields(held, request("r2"))).toEqual({ request: "r2", replace: "r1" });
  expect(grantFields(held, request("r2", { kind: "point_of_order" }))).toEqual({ request: "r2" });
  expect(grantFields(room().floor, request("r2"))).toEqual({ request: "r2" });
});

it("a point of order is shown while it is heard, because the chair rules on it then", () => {
  const point = request("r2", { kind: "point_of_order", state: "granted", substate: "live" });
  const floor = { ...room().floor, requests: [request("r3"), point], granted: [request("r1", { state: "granted" }), point] };
  expect(urgent(floor).map((r) => r.id)).toEqual(["r2"]);
});
