import type { FloorRequest, Room, RoomEvent, Speech, You } from "../src/model/types";

export function room(): Room {
  return {
    id: "climate",
    title: "Climate",
    seq: 0,
    participants: [
      { person: "tokyo-1", name: "Tokyo delegate", role: "delegate", delegation: "tokyo", state: "seated" },
      { person: "seoul-1", name: "Seoul delegate", role: "delegate", delegation: "seoul", state: "away" },
    ],
    floor: { mode: "moderated", policy: "fifo", nom: 1, list: { state: "open" }, chair: null, granted: [], requests: [], speech: null },
    agenda: { items: [] },
    chat: [],
  };
}

export const tokyo: You = { person: "tokyo-1", name: "Tokyo delegate", role: "delegate", publishing: true };

export function request(id: string, change: Partial<FloorRequest> = {}): FloorRequest {
  return { id, kind: "statement", state: "accepted", beneficiary: "tokyo-1", delegation: "tokyo", ...change };
}

export function speech(of: string, change: Partial<Speech> = {}): Speech {
  return { request: of, speaker: "tokyo-1", kind: "statement", limit_ms: 480_000, consumed_ms: 0, as_of: "2021-10-12T01:00:00Z", running: true, colour: "green", ...change };
}

export function event(seq: number, type: string, fields: object = {}): RoomEvent {
  return { seq, type, at: "2021-10-12T01:00:00Z", ...fields };
}
