/** The time for which a path may be interrupted before ICE is restarted: a short loss mends itself. */
const RESTART_DELAY_MS = 2_500;
/** The time before another restart of ICE where one has just failed: without a network each fails at once. */
const NEXT_RESTART_DELAY_MS = 250;
/** A negotiation that has not connected by then has failed. Doubled for each that follows. */
const CONNECT_TIMEOUT_MS = 8_000;
const MAX_CONNECT_TIMEOUT_MS = 60_000;

/** The state of the media path, as far as its recovery needs it. */
export interface Recovery {
  phase: "connecting" | "connected" | "interrupted" | "lost";
  /** Negotiations since the path was last connected. */
  failures: number;
}

export type RecoveryInput =
  /** The states of the peer connection that matter. */
  | "connected"
  | "disconnected"
  | "failed"
  /** The browser refused the server's answer. */
  | "answer_refused"
  /** The server has ended the media session. */
  | "session_ended"
  | "timer";

export type RecoveryEffect =
  | { do: "report"; state: "connected" | "lost" }
  | { do: "start_timer"; ms: number }
  | { do: "stop_timer" }
  | { do: "restart_ice" }
  /** Replaces the peer connection and negotiates it. */
  | { do: "begin_session" };

export interface RecoveryStep {
  state: Recovery;
  effects: RecoveryEffect[];
}

export const NEW_PATH: Recovery = { phase: "connecting", failures: 0 };

/**
 * The media path after an input. No browser looks for another path by itself: it says `disconnected` after 6 to 12 s
 * and `failed` later. So ICE is restarted here (RFC 8445, section 9), and a session that a restart did not mend, or
 * that the server has ended, is replaced.
 */
export function recover(state: Recovery, input: RecoveryInput): RecoveryStep {
  switch (input) {
    case "connected":
      return {
        state: { phase: "connected", failures: 0 },
        effects: [{ do: "stop_timer" }, { do: "report", state: "connected" }],
      };
    case "disconnected":
      return {
        state: { ...state, phase: "interrupted" },
        effects: [
          { do: "report", state: "lost" },
          { do: "start_timer", ms: RESTART_DELAY_MS },
        ],
      };
    case "failed":
      if (state.failures === 0) return lost(state, [{ do: "restart_ice" }]);
      return {
        state: { ...state, phase: "interrupted" },
        effects: [
          { do: "report", state: "lost" },
          { do: "start_timer", ms: NEXT_RESTART_DELAY_MS },
        ],
      };
    case "answer_refused":
      return lost(state, []);
    case "session_ended":
      return lost(state, [{ do: "begin_session" }]);
    case "timer":
      return lost(state, [{ do: state.phase === "interrupted" ? "restart_ice" : "begin_session" }]);
  }
}

function lost(state: Recovery, effects: RecoveryEffect[]): RecoveryStep {
  const ms = Math.min(MAX_CONNECT_TIMEOUT_MS, CONNECT_TIMEOUT_MS * 2 ** state.failures);
  return {
    state: { phase: "lost", failures: state.failures + 1 },
    effects: [{ do: "report", state: "lost" }, { do: "start_timer", ms }, ...effects],
  };
}
