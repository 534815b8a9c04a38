import { expect, it } from "vitest";
import { NO_TOKEN, renewal, renewInMs, type Renewal, type RenewalInput } from "../src/session/renewal";

const MINUTE = 60_000;

/** The renewal after a series of inputs, and what the last one asks for. The pauses are as long as they can be. */
function after(inputs: RenewalInput[], from: Renewal = NO_TOKEN) {
  return inputs.reduce((step, input) => renewal(step.state, input, () => 1), { state: from, effects: [] as unknown[] });
}

const token: RenewalInput = { type: "token", lifetimeMs: 15 * MINUTE };
const simply = (type: Exclude<RenewalInput["type"], "token">): RenewalInput => ({ type });

it("a token is renewed after two thirds of the life that the server gives it, counted from its receipt", () => {
  expect(after([token])).toEqual({
    state: { phase: "valid", failures: 0 },
    effects: [{ do: "start_timer", ms: 10 * MINUTE }],
  });
  expect(after([token, simply("due")])).toMatchObject({ state: { phase: "renewing" }, effects: [{ do: "renew" }] });
});

it("a token that cannot be renewed is replaced through the invitation", () => {
  expect(after([token, simply("due"), simply("renewal_failed")])).toMatchObject({
    state: { phase: "redeeming" },
    effects: [{ do: "stop_timer" }, { do: "redeem" }],
  });
});

it("a token that the server refuses is replaced at once, and once only", () => {
  const refused = after([token, simply("token_refused")]);
  expect(refused).toMatchObject({ state: { phase: "redeeming" }, effects: [{ do: "stop_timer" }, { do: "redeem" }] });
  expect(after([simply("token_refused")], refused.state).effects).toEqual([]);
});

it("a redemption that fails is tried again, with growing pauses, until it succeeds", () => {
  const failed = [simply("token_refused"), simply("redemption_failed")];
  expect(after(failed).effects).toEqual([{ do: "start_timer", ms: 400 }]);
  const again = [...failed, simply("due"), simply("redemption_failed"), simply("due"), simply("redemption_failed")];
  expect(after(again).effects).toEqual([{ do: "start_timer", ms: 1_600 }]);
  expect(after([...again, simply("due"), token]).state).toEqual({ phase: "valid", failures: 0 });
});

it("a page that wakes does not wait for the pause", () => {
  const waiting = after([
    simply("token_refused"),
    simply("redemption_failed"),
    simply("due"),
    simply("redemption_failed"),
  ]).state;
  expect(after([simply("woke")], waiting)).toMatchObject({
    state: { phase: "redeeming", failures: 0 },
    effects: [{ do: "stop_timer" }, { do: "redeem" }],
  });
  expect(after([token, simply("woke")]).effects).toEqual([]);
});

it("only the invitation's own refusal is final", () => {
  const { state } = after([simply("token_refused"), simply("invitation_refused")]);
  expect(state.phase).toBe("refused");
  for (const type of ["due", "woke", "token_refused", "redemption_failed"] as const)
    expect(after([simply(type)], state)).toEqual({ state, effects: [] });
});

it("a failure that arrives after a fresh token changes nothing", () => {
  const { state } = after([token]);
  for (const type of ["renewal_failed", "redemption_failed", "invitation_refused"] as const)
    expect(after([simply(type)], state)).toEqual({ state, effects: [] });
});

it("a renewal is never due in a storm, nor later than a browser's timer can run", () => {
  expect([-5_000, 0, Number.MAX_VALUE, Number.NaN].map(renewInMs)).toEqual([5_000, 5_000, 0x7fffffff, 60_000]);
});
