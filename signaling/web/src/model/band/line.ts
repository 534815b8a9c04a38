import type { Key } from "../../i18n/language";
import type { FloorRequest, Room, RoomEvent, You } from "../types";

/** What a line means, which decides its colour and its sign. */
export type Tone = "info" | "good" | "warn" | "bad";

/** How the participant concerned is alerted who looks elsewhere. */
export type Alert =
  /** The floor is theirs, or will be in a moment. */
  | "floor"
  /** They lost the floor, or were refused. */
  | "lost"
  /** The room waits for their answer. */
  | "ask"
  /** Something for everybody to read. */
  | "notice";

/** A part of a sentence that is put into words where it is shown: names and formats depend on the page's language. */
export type Value =
  | string
  | number
  | { person: string; delegation?: string | null }
  | { city: string }
  | { cities: string[] }
  | { place: number }
  | { time: string }
  | { duration: number }
  | { language: string }
  | { room: string }
  | { titled: { title: string; titles?: Record<string, string> } }
  | { key: Key };

/** What has just happened, as one sentence. */
export interface BandLine {
  tone: Tone;
  key: Key;
  values: Record<string, Value>;
  /** Whether the sentence is about this participant, who must not miss it. */
  concerns: "you" | "room";
  alert?: Alert;
  /** For the history and for screen readers only: it takes no more important line out of sight. */
  minor?: true;
  /** It is announced elsewhere on the page. */
  announcedElsewhere?: true;
}

/** The participant who reads the band, with the language channel that they listen to. */
export type Reader = Pick<You, "person" | "delegation" | "may"> & { listensTo?: string };

/** An event of one type. */
export type EventOf<T extends RoomEvent["type"]> = Extract<RoomEvent, { type: T }>;

/** An event, the room before and after it, and who reads. */
export interface Scene {
  before: Room;
  after: Room;
  me: Reader;
}

type Values = Record<string, Value>;

/** A line for everybody. */
export function news(tone: Tone, key: Key, values: Values = {}, more: Partial<BandLine> = {}): BandLine {
  return { tone, key, values, concerns: "room", ...more };
}

/** A line about the participant who reads. */
export function toYou(tone: Tone, key: Key, values: Values = {}, alert?: Alert): BandLine {
  return { tone, key, values, concerns: "you", ...(alert && { alert }) };
}

/** The beneficiary of a request, by name and city. */
export function who(request: Pick<FloorRequest, "beneficiary" | "delegation">): Value {
  return { person: request.beneficiary, delegation: request.delegation };
}

/** A participant of the room, by name and city. */
export function named(room: Room, person: string): Value {
  return { person, delegation: room.participants.find((p) => p.person === person)?.delegation };
}

/** Who used a power of the chair. Operators have some of them, and the program itself acts without anybody. */
export function authority(room: Room, by: string | null | undefined): Value {
  const isOperator = room.participants.some((p) => p.person === by && p.role === "operator");
  return { key: isOperator ? "band.the_operator" : "band.the_chair" };
}
