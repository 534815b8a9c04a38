import type { Problem, Room, RoomEvent, SlotShows, You } from "../model/types";

/** What a slot of ours is for, told to the server by the id of its media line. */
export interface SlotWant {
  mid: string;
  wants: "voice" | "stage" | "screen" | "tile" | "nothing" | `lang:${string}`;
}

export interface Hello {
  type: "hello";
  token: string;
  room: string;
  offer?: string;
  slots?: SlotWant[];
  resume?: { session: string; seq: number };
}

export interface Welcome {
  type: "welcome";
  session: string;
  seq: number;
  now?: string;
  token_expires?: string;
  you: You;
  room?: Room;
  resumed?: boolean;
  events?: RoomEvent[];
  ice_servers?: RTCIceServer[];
  answer?: string;
}

export interface Reply {
  type: "reply";
  command_id: string;
  result?: Record<string, unknown>;
  problem?: Problem;
}

export interface Signal {
  type: "signal";
  from: string;
  answer?: string;
  offer?: string;
  candidate?: unknown;
}

export type FromServer =
  | Welcome
  | Reply
  | Signal
  | { type: "slots"; slots: SlotShows[] }
  | { type: "clock"; sent: number; now: string }
  | { type: "device.replaced" }
  | { type: "device.active" }
  | { type: "level"; dbov: number }
  | { type: "media.ended"; why: "silence" | "handshake" | "closed" }
  | { type: "problem"; problem: Problem }
  | RoomEvent;

/** True for what the room sends to everybody in one sequence. */
export function isRoomEvent(message: FromServer): message is RoomEvent {
  return "seq" in message && typeof message.seq === "number" && message.type !== "welcome";
}
