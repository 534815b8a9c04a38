import { afterClose } from "../wire/closing";

/** A severed path closes no connection: it only stops answering. */
export const ANSWER_TIMEOUT_MS = 5_000;
/** A server that can be reached may still wait for its disk before it gives a seat. */
export const WELCOME_TIMEOUT_MS = 20_000;

export type Phase =
  /** No seat is wanted. */
  | "idle"
  /** The media offer for the hello is being made. */
  | "offering"
  /** The socket is being opened. */
  | "opening"
  /** The hello was sent; the welcome has not come. */
  | "greeting"
  /** Seated: commands are accepted and events arrive. */
  | "live"
  /** The connection was lost; the next attempt comes after a pause. */
  | "pausing"
  /** The token was refused; a fresh one is being fetched. */
  | "redeeming"
  /** The seat has ended by somebody's decision, and nothing brings it back by itself. */
  | "replaced"
  | "forbidden"
  | "unauthorized";

/** The connection of one device to one room. */
export interface Connection {
  phase: Phase;
  room: string;
  /** The session that the next hello resumes; `null` asks for a snapshot. */
  session: string | null;
  /** Attempts since the last welcome, for the backoff. */
  failures: number;
  /** Whether the connection has been lost since the room was entered. */
  wasLost: boolean;
  /** Number of the present attempt. Inputs of an earlier one are stale. */
  attempt: number;
  /** Whether a timer runs that ends the connection unless the server answers. */
  awaitsAnswer: boolean;
  media: "connecting" | "connected" | "lost";
}

export type Input =
  | { type: "enter"; room: string }
  | { type: "leave" }
  | { type: "offer_made"; attempt: number }
  | { type: "socket_opened"; attempt: number }
  | { type: "socket_closed"; attempt: number; code: number }
  /** Any message of the server. */
  | { type: "answered"; attempt: number }
  | { type: "welcomed"; attempt: number; session: string }
  /** Events are missing: what the room shows can no longer be continued. */
  | { type: "events_missing" }
  | { type: "media_changed"; attempt: number; state: "connected" | "lost" }
  | { type: "answer_overdue" }
  | { type: "pause_over" }
  | { type: "beat" }
  | { type: "network_lost" }
  /** Neither the room nor the media path says anything, where both should. */
  | { type: "severed" }
  /** The network is back, or the page is shown again. */
  | { type: "woke" }
  | { type: "token_redeemed" }
  /** No token could be fetched now, for whatever reason but the invitation's own refusal. */
  | { type: "token_unavailable" }
  | { type: "invitation_refused" };

export type Effect =
  /** Makes a fresh media connection and its offer. */
  | { do: "make_offer"; attempt: number }
  /** Opens a socket, and says hello once it is open. */
  | { do: "open_socket"; attempt: number; room: string; session: string | null }
  /** Closes the socket and the media connection, if there are any. */
  | { do: "close" }
  | { do: "await_answer"; within_ms: number }
  | { do: "stop_awaiting" }
  /** Starts the pause before the attempt that follows that many failures. */
  | { do: "pause"; failures: number }
  | { do: "stop_pausing" }
  | { do: "redeem_token" }
  | { do: "send_clock" };

export interface Step {
  state: Connection;
  effects: Effect[];
}

export const NO_CONNECTION: Connection = {
  phase: "idle",
  room: "",
  session: null,
  failures: 0,
  wasLost: false,
  attempt: 0,
  awaitsAnswer: false,
  media: "connecting",
};

/** The connection after an input, and what has to be done about it. Pure: time, chance and the network are effects. */
export function reduce(state: Connection, input: Input): Step {
  if ("attempt" in input && input.attempt !== state.attempt) return unchanged(state);
  switch (input.type) {
    case "enter":
      return connect({ ...state, room: input.room, session: null, failures: 0, wasLost: false });
    case "leave":
      return end({ ...state, session: null }, "idle");
    case "offer_made":
      return offerMade(state);
    case "socket_opened":
      return state.phase === "opening"
        ? awaiting({ ...state, phase: "greeting", awaitsAnswer: false }, WELCOME_TIMEOUT_MS)
        : unchanged(state);
    case "socket_closed":
      return closed(state, input.code);
    case "answered":
      return { state: { ...state, awaitsAnswer: false }, effects: [{ do: "stop_awaiting" }] };
    case "welcomed":
      return unchanged({ ...state, phase: "live", session: input.session, failures: 0, media: "connecting" });
    case "events_missing":
      return reconnect({ ...state, session: null });
    case "media_changed":
      return unchanged({ ...state, media: state.phase === "live" ? input.state : state.media });
    case "answer_overdue":
      return state.awaitsAnswer ? reconnect(state) : unchanged(state);
    case "pause_over":
      return state.phase === "pausing" ? connect(state) : unchanged(state);
    case "beat":
      return state.phase === "live" ? beat(state) : unchanged(state);
    case "network_lost":
      return wantsSeat(state) ? reconnect(state) : unchanged(state);
    case "severed":
      return state.phase === "live" ? connect({ ...state, wasLost: true }) : unchanged(state);
    case "woke":
      return woke(state);
    case "token_redeemed":
    case "token_unavailable":
      return state.phase === "redeeming" ? reconnect(state) : unchanged(state);
    case "invitation_refused":
      return state.phase === "redeeming" ? end(state, "unauthorized") : unchanged(state);
  }
}

/** Whether commands can be given. Sound and picture may still be on their way. */
export function isLive({ phase }: Connection): boolean {
  return phase === "live";
}

/** The connection as the participant is told of it. */
export type Link = "connecting" | "media" | "media_lost" | "connected" | "reconnecting" | "replaced" | "forbidden";

export function linkOf({ phase, media, wasLost }: Connection): Link {
  switch (phase) {
    case "replaced":
    case "forbidden":
      return phase;
    case "live":
      return ({ connecting: "media", connected: "connected", lost: "media_lost" } as const)[media];
    default:
      return wasLost ? "reconnecting" : "connecting";
  }
}

/** Whether the connection is to be kept, and comes back by itself when it is lost. */
function wantsSeat({ phase }: Connection): boolean {
  return phase !== "idle" && phase !== "replaced" && phase !== "forbidden" && phase !== "unauthorized";
}

/** Whether a lost connection waits for the network: in a pause, or for an answer that a dead network may have swallowed. */
function awaitsNetwork({ phase, wasLost }: Connection): boolean {
  return wasLost && (phase === "pausing" || phase === "opening" || phase === "greeting");
}

function unchanged(state: Connection): Step {
  return { state, effects: [] };
}

/** Begins an attempt. The offer comes first, because the hello carries it. */
function connect(state: Connection): Step {
  const attempt = state.attempt + 1;
  const next: Connection = { ...state, phase: "offering", attempt, awaitsAnswer: false, media: "connecting" };
  return { state: next, effects: [...silence(), { do: "stop_pausing" }, { do: "make_offer", attempt }] };
}

function offerMade(state: Connection): Step {
  if (state.phase !== "offering") return unchanged(state);
  const { attempt, room, session } = state;
  const { state: next, effects } = awaiting({ ...state, phase: "opening" }, ANSWER_TIMEOUT_MS);
  return { state: next, effects: [...effects, { do: "open_socket", attempt, room, session }] };
}

function closed(state: Connection, code: number): Step {
  switch (afterClose(code)) {
    case "reconnect":
      return reconnect(state);
    case "forbidden":
      return end(state, "forbidden");
    case "replaced":
      return end(state, "replaced");
    case "redeem":
      return {
        state: { ...state, phase: "redeeming", wasLost: true, awaitsAnswer: false, attempt: state.attempt + 1 },
        effects: [...silence(), { do: "redeem_token" }],
      };
  }
}

/** A seat that waits comes back at once. One that is held is asked whether it still is: a sleep closes no connection. */
function woke(state: Connection): Step {
  if (awaitsNetwork(state)) return connect({ ...state, failures: 0 });
  return state.phase === "live" ? beat(state) : unchanged(state);
}

/** Lets go of the connection, and comes back after a pause that doubles. */
function reconnect(state: Connection): Step {
  const { failures } = state;
  const next: Connection = {
    ...state,
    phase: "pausing",
    failures: failures + 1,
    wasLost: true,
    attempt: state.attempt + 1,
    awaitsAnswer: false,
  };
  return { state: next, effects: [...silence(), { do: "pause", failures }] };
}

function end(state: Connection, phase: Phase): Step {
  return {
    state: { ...state, phase, attempt: state.attempt + 1, awaitsAnswer: false },
    effects: [...silence(), { do: "stop_pausing" }],
  };
}

function beat(state: Connection): Step {
  const { state: next, effects } = awaiting(state, ANSWER_TIMEOUT_MS);
  return { state: next, effects: [...effects, { do: "send_clock" }] };
}

/** Starts the timer for an answer, unless one is running. */
function awaiting(state: Connection, within_ms: number): Step {
  if (state.awaitsAnswer) return unchanged(state);
  return { state: { ...state, awaitsAnswer: true }, effects: [{ do: "await_answer", within_ms }] };
}

function silence(): Effect[] {
  return [{ do: "stop_awaiting" }, { do: "close" }];
}
