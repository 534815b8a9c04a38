/** After a renewal and a redemption have both failed. */
const RETRY_MS = 15_000;
const MIN_RENEW_MS = 5_000;
/** Where the expiry cannot be read. */
const DEFAULT_RENEW_MS = 60_000;
/** The longest time that a browser's timer takes. */
const MAX_TIMER_MS = 0x7fffffff;

/** How the token is kept valid. */
export type Renewal = "valid" | "renewing" | "redeeming" | "waiting";

export type RenewalInput =
  | { type: "token"; expires: string; now: number }
  | { type: "due" }
  | { type: "renewal_failed" }
  | { type: "redemption_failed" };

export type RenewalEffect = { do: "start_timer"; ms: number } | { do: "renew" } | { do: "redeem" };

/**
 * Keeps the token valid: renews it in time, redeems the invitation anew where a renewal fails (after a restart of the
 * server, or a long sleep of the device), and tries again later where that fails too.
 */
export function renewal(state: Renewal, input: RenewalInput): { state: Renewal; effects: RenewalEffect[] } {
  switch (input.type) {
    case "token": return { state: "valid", effects: [{ do: "start_timer", ms: renewInMs(input.expires, input.now) }] };
    case "due": return { state: "renewing", effects: [{ do: "renew" }] };
    case "renewal_failed": return state === "renewing" ? { state: "redeeming", effects: [{ do: "redeem" }] } : { state, effects: [] };
    case "redemption_failed": return state === "redeeming" ? { state: "waiting", effects: [{ do: "start_timer", ms: RETRY_MS }] } : { state, effects: [] };
  }
}

/** When to renew a token: after two thirds of its remaining life, and never in a storm. */
export function renewInMs(expires: string, now: number): number {
  const left = Date.parse(expires) - now;
  return Number.isFinite(left) ? Math.min(Math.max((left * 2) / 3, MIN_RENEW_MS), MAX_TIMER_MS) : DEFAULT_RENEW_MS;
}
