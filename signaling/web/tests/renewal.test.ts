import { expect, it } from "vitest";
import { renewal, renewInMs } from "../src/session/renewal";

const now = Date.parse("2021-10-12T01:00:00Z");

it("a token is renewed after two thirds of its life", () => {
  const held = renewal("valid", { type: "token", expires: "2021-10-12T01:15:00Z", now });
  expect(held).toEqual({ state: "valid", effects: [{ do: "start_timer", ms: 600_000 }] });
  expect(renewal(held.state, { type: "due" })).toEqual({ state: "renewing", effects: [{ do: "renew" }] });
});

it("a token that cannot be renewed is replaced through the invitation", () => {
  expect(renewal("renewing", { type: "renewal_failed" })).toEqual({ state: "redeeming", effects: [{ do: "redeem" }] });
});

it("where the invitation cannot be redeemed either, the renewal is tried again in a while", () => {
  const waiting = renewal("redeeming", { type: "redemption_failed" });
  expect(waiting).toEqual({ state: "waiting", effects: [{ do: "start_timer", ms: 15_000 }] });
  expect(renewal(waiting.state, { type: "due" }).effects).toEqual([{ do: "renew" }]);
});

it("a failure that arrives after a fresh token changes nothing", () => {
  expect(renewal("valid", { type: "renewal_failed" })).toEqual({ state: "valid", effects: [] });
  expect(renewal("valid", { type: "redemption_failed" })).toEqual({ state: "valid", effects: [] });
});

it("a renewal is never due in a storm, nor later than a browser's timer can run", () => {
  expect(renewInMs("2021-10-12T00:00:00Z", now)).toBe(5_000);
  expect(renewInMs("9999-10-12T00:00:00Z", now)).toBe(0x7fffffff);
  expect(renewInMs("not a time", now)).toBe(60_000);
});
