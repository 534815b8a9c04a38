import { backoffMs } from "../wire/backoff";

const MIN_RENEW_MS = 5_000;
/** Where the server does not say how long the token lives. */
const DEFAULT_RENEW_MS = 60_000;
/** The longest time that a browser's timer takes. */
const MAX_TIMER_MS = 0x7fffffff;

/** How the token is kept valid. */
export interface Renewal {
  phase:
    | "valid"
    | "renewing"
    | "redeeming"
    | "waiting"
    /** The invitation itself was refused: nothing brings the token back. */
    | "refused";
  /** Redemptions since the last token that failed. */
  failures: number;
}

export type RenewalInput =
  /** A fresh token, and for how long it lives from now on by the server's own account. */
  | { type: "token"; lifetimeMs: number }
  | { type: "due" }
  /** The server no longer takes the token. */
  | { type: "token_refused" }
  /** The page was shown again, or the network is back. */
  | { type: "woke" }
  | { type: "renewal_failed" }
  /** Nobody knows why: the network, a proxy, a server that restarts. */
  | { type: "redemption_failed" }
  | { type: "invitation_refused" };

export type RenewalEffect =
  { do: "start_timer"; ms: number } | { do: "stop_timer" } | { do: "renew" } | { do: "redeem" };

export interface RenewalStep {
  state: Renewal;
  effects: RenewalEffect[];
}

export const NO_TOKEN: Renewal = { phase: "valid", failures: 0 };

/**
 * Keeps the token valid: renews it in time, and redeems the invitation anew where a renewal fails or the token is refused
 * (after a restart of the server, or a long sleep of the device). What fails is tried again, with growing pauses. Only the
 * invitation's own refusal is final.
 */
export function renewal(state: Renewal, input: RenewalInput, random: () => number = Math.random): RenewalStep {
  const { phase, failures } = state;
  const unchanged = { state, effects: [] };
  switch (input.type) {
    case "token":
      return {
        state: { phase: "valid", failures: 0 },
        effects: [{ do: "start_timer", ms: renewInMs(input.lifetimeMs) }],
      };
    case "due":
      return phase === "valid" ? renew() : phase === "waiting" ? redeem(failures) : unchanged;
    case "token_refused":
      return phase === "valid" || phase === "waiting" ? redeem(failures) : unchanged;
    case "woke":
      return phase === "waiting" ? redeem(0) : unchanged;
    case "renewal_failed":
      return phase === "renewing" ? redeem(failures) : unchanged;
    case "redemption_failed":
      if (phase !== "redeeming") return unchanged;
      return {
        state: { phase: "waiting", failures: failures + 1 },
        effects: [{ do: "start_timer", ms: backoffMs(failures, random) }],
      };
    case "invitation_refused":
      return phase === "redeeming"
        ? { state: { phase: "refused", failures }, effects: [{ do: "stop_timer" }] }
        : unchanged;
  }
}

function renew(): RenewalStep {
  return { state: { phase: "renewing", failures: 0 }, effects: [{ do: "renew" }] };
}

function redeem(failures: number): RenewalStep {
  return { state: { phase: "redeeming", failures }, effects: [{ do: "stop_timer" }, { do: "redeem" }] };
}

/** When to renew a token that lives for so long: after two thirds of that, and never in a storm. */
export function renewInMs(lifetimeMs: number): number {
  return Number.isFinite(lifetimeMs)
    ? Math.min(Math.max((lifetimeMs * 2) / 3, MIN_RENEW_MS), MAX_TIMER_MS)
    : DEFAULT_RENEW_MS;
}
