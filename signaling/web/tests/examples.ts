import type {
  Channel,
  Decision,
  Floor,
  FloorRequest,
  Participant,
  Person,
  Room,
  Speech,
  You,
} from "../src/model/types";
import type { Health, RoomHealth, SeatHealth, ServerHealth } from "../src/wire/generated/http";
import type { RoomEvent } from "../src/wire/messages";

const AT = "2021-10-12T01:00:00Z";

export function participant(person: string, name: string, change: Partial<Participant> = {}): Participant {
  return {
    person,
    name,
    role: "delegate",
    delegation: null,
    state: "seated",
    publishing: true,
    muted: false,
    joined_at: AT,
    ...change,
  };
}

export function person(id: string, name: string, change: Partial<Person> = {}): Person {
  return { id, person: id, name, role: "delegate", delegation: null, rooms: [], languages: [], ...change };
}

export function room(): Room {
  return {
    id: "climate",
    title: "Climate",
    gallery: true,
    side_talks: true,
    seq: 0,
    participants: [
      participant("tokyo-1", "Tokyo delegate", { delegation: "tokyo" }),
      participant("seoul-1", "Seoul delegate", { delegation: "seoul", state: "away" }),
    ],
    floor: {
      version: 0,
      mode: "moderated",
      policy: "fifo",
      nom: 1,
      list: { state: "open" },
      chair: null,
      chair_priority: false,
      granted: [],
      requests: [],
      speech: null,
      speeches: [],
      on_deck: null,
      spoken: {},
      settings: settings(),
    },
    agenda: { items: [], current: null },
    decisions: [],
    channels: [],
    chat: [],
  };
}

export function settings(): Floor["settings"] {
  return {
    mode: "moderated",
    policy: "fifo",
    nom: 1,
    advance: "auto",
    max_requests: 2,
    when_full: "wait",
    limit_ms: 480_000,
    warning_ms: 60_000,
    grace_ms: 30_000,
    overtime: "continue",
    reconnect_grace_ms: 30_000,
    first_voice_ms: 10_000,
    yielding: false,
    carry_over: false,
    list: "open",
  };
}

/** Some of what the server lets each role do: enough for what the page derives from it. */
export const DELEGATE: You["may"] = [
  "floor.request",
  "floor.cancel",
  "floor.release",
  "decision.vote",
  "decision.object",
  "chat.post",
  "device.use",
  "room.read",
];
export const MODERATOR: You["may"] = [
  "floor.request",
  "floor.cancel",
  "floor.grant",
  "floor.accept",
  "floor.next",
  "chair.take",
  "chat.post",
  "device.use",
  "room.read",
  "proceedings.read",
];
export const INTERPRETER: You["may"] = ["channel.take", "channel.release", "chat.post", "device.use", "room.read"];
export const CLERK: You["may"] = [
  "floor.request",
  "floor.cancel",
  "decision.vote",
  "decision.object",
  "chat.post",
  "room.read",
  "proceedings.read",
  "proceedings.correct",
];
export const VIEWER: You["may"] = ["room.read"];

export const tokyo: You = {
  person: "tokyo-1",
  name: "Tokyo delegate",
  role: "delegate",
  delegation: null,
  publishing: true,
  session: "s1",
  may: DELEGATE,
};

export function request(id: string, change: Partial<FloorRequest> = {}): FloorRequest {
  return {
    id,
    kind: "statement",
    state: "accepted",
    beneficiary: "tokyo-1",
    delegation: "tokyo",
    class: "member",
    priority: 0,
    asked_at: AT,
    ...change,
  };
}

export function speech(of: string, change: Partial<Speech> = {}): Speech {
  return {
    request: of,
    speaker: "tokyo-1",
    kind: "statement",
    limit_ms: 480_000,
    consumed_ms: 0,
    as_of: AT,
    granted_at: AT,
    running: true,
    colour: "green",
    ...change,
  };
}

export function channel(language: string, change: Partial<Channel> = {}): Channel {
  return { language, state: "floor", source: "floor", ...change };
}

export function decision(change: Partial<Decision> = {}): Decision {
  return {
    id: "d1",
    kind: "roll_call",
    question: "Adopt?",
    state: "open",
    opened_at: AT,
    opened_by: "moderator-1",
    roll: [{ delegation: "tokyo" }, { delegation: "seoul", choice: "yes" }],
    objections: [],
    tally: { yes: 1, no: 0, abstain: 0, absent: 1 },
    ...change,
  };
}

export function seatHealth(id: string, change: Partial<SeatHealth> = {}): SeatHealth {
  return {
    person: id,
    name: id,
    role: "delegate",
    delegation: null,
    state: "connected",
    quality: "good",
    cause: null,
    ice_path: null,
    rtt_ms: null,
    jitter_ms: null,
    loss_up: null,
    loss_down: null,
    bitrate_up: null,
    bitrate_down: null,
    lacks: null,
    slots: null,
    sources: null,
    ...change,
  };
}

export function disk(change: Partial<ServerHealth["disk"]> = {}): ServerHealth {
  const well = {
    state: "ok",
    trouble: null,
    advice: null,
    since: null,
    slow_ms: null,
    committing_ms: 1,
    waiting: 0,
    free_bytes: null,
    size_bytes: null,
  } as const;
  const clock = { log_ahead_ms: 0, set_by_ms: 0, standstill_ms: 0 };
  return { disk: { ...well, ...change }, clock, alarms: [], load: null, processors: null };
}

export function health(rooms: Partial<RoomHealth>[], server = disk()): Health {
  return {
    server,
    rooms: rooms.map((change) => ({
      room: "climate",
      title: "Climate",
      seq: 0,
      alarms: [],
      displays: [],
      talks: [],
      help: [],
      participants: [],
      ...change,
    })),
  };
}

type EventOf<T extends RoomEvent["type"]> = Extract<RoomEvent, { type: T }>;

type EventFields<T extends RoomEvent["type"]> = Omit<EventOf<T>, "seq" | "at" | "type">;

export function event<T extends RoomEvent["type"]>(
  seq: number,
  type: T,
  ...fields: object extends EventFields<T> ? [EventFields<T>?] : [EventFields<T>]
): RoomEvent;
export function event(seq: number, type: string, fields: object = {}): object {
  return { seq, type, at: AT, ...fields };
}
