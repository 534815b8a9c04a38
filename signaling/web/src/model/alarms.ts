/** Something that needs an operator now. */
export interface Alarm {
  room: string;
  roomTitle: string;
  kind: string;
  language: string;
  interpreter: string;
  cause: AlarmCause;
  since: string | null;
  detail: string;
  first: string;
}

export type AlarmCause = "away" | "lost" | "muted" | "no_path";

type Json = Record<string, unknown>;

/** All alarms of a health answer, of one room or of all. */
export function alarmsOf(answer: unknown): Alarm[] {
  const root = (answer ?? {}) as Json;
  const rooms = Array.isArray(root.rooms) ? (root.rooms as Json[]) : [root];
  return rooms.flatMap((room) => (Array.isArray(room.alarms) ? (room.alarms as Json[]) : []).map((alarm) => ({
    room: String(alarm.room ?? room.room ?? ""),
    roomTitle: String(room.title ?? ""),
    kind: String(alarm.kind ?? ""),
    language: String(alarm.language ?? ""),
    interpreter: String(alarm.interpreter ?? ""),
    cause: String(alarm.cause ?? "away") as AlarmCause,
    since: typeof alarm.since === "string" ? alarm.since : null,
    detail: String(alarm.detail ?? ""),
    first: String(alarm.try ?? ""),
  })));
}
