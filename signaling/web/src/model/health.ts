import {
  DiskState,
  type Alarm as WireAlarm,
  type Health,
  type HelpCall as WireHelpCall,
  type RoomHealth,
  type SeatFigures,
  type SeatHealth,
  type ServerHealth,
} from "../wire/generated/http";

import { namedIn } from "./names";
import type { RecordingHealth } from "./types";

export type { ServerHealth };

/** One seat as the operator sees it. A figure that the server did not measure is `null`. */
export interface Seat extends SeatHealth {
  room: string;
  room_title: string;
}

/** All seats of all rooms, worst first. */
export function seatsOf({ rooms }: Health): Seat[] {
  const seats = rooms.flatMap(({ room, title, participants }) =>
    participants.map((seat) => ({ ...seat, room, room_title: title })),
  );
  return seats.sort((a, b) => badness(b) - badness(a) || a.name.localeCompare(b.name));
}

/** Something that needs an operator now. */
export type Alarm = WireAlarm & { room_title: string };

/** The alarms of all rooms. */
export function alarmsOf({ rooms }: Health): Alarm[] {
  return rooms.flatMap(({ title, alarms }) => alarms.map((alarm) => ({ ...alarm, room_title: title })));
}

/** A participant who waits for help. */
export interface HelpCall extends WireHelpCall {
  room: string;
  room_title: string;
}

/** The open calls for help of all rooms, the oldest first. */
export function helpOf({ rooms }: Health): HelpCall[] {
  const calls = rooms.flatMap(({ room, title, help }) => help.map((call) => ({ ...call, room, room_title: title })));
  return calls.sort((a, b) => a.at.localeCompare(b.at));
}

/** The calls that were not shown before, to be said aloud once. */
export function newCalls(shown: readonly HelpCall[], answer: Health): HelpCall[] {
  return helpOf(answer).filter(({ room, id }) => !shown.some((known) => known.room === room && known.id === id));
}

/** The screens of halls that are connected, by room. */
export interface Displays {
  room: string;
  room_title: string;
  since: string[];
}

export function displaysOf({ rooms }: Health): Displays[] {
  return rooms
    .filter(({ displays }) => displays.length > 0)
    .map(({ room, title, displays }) => ({ room, room_title: title, since: displays.map(({ since }) => since) }));
}

/** A side talk in which two talk, with what they are called. */
export interface SideTalk {
  room: string;
  id: string;
  names: [string, string];
}

export function sideTalksOf({ rooms }: Health): SideTalk[] {
  return rooms.flatMap(({ room, talks, participants }) =>
    talks.map(({ id, caller, callee }) => {
      const nameOf = (person: string) => {
        const seat = participants.find((each) => each.person === person);
        return seat ? namedIn(seat) : person;
      };
      return { room, id, names: [nameOf(caller), nameOf(callee)] as [string, string] };
    }),
  );
}

/** A room that is recorded now, with what its recording takes. */
export interface RecordedRoom extends RecordingHealth {
  room: string;
  room_title: string;
}

/** So few hours of room on the disk need an operator. */
const FEW_HOURS = 2;

export function recordedRooms({ rooms }: Health): RecordedRoom[] {
  return rooms.flatMap(({ room, title, recording }) => (recording ? [{ ...recording, room, room_title: title }] : []));
}

/** Whether the disk is full before an operator may look again. */
export function runsOut({ free_hours }: Pick<RecordingHealth, "free_hours">): boolean {
  return free_hours != null && free_hours < FEW_HOURS;
}

/** The rooms that did not answer and are shown as last known. */
export function staleRooms({ rooms }: Health): Pick<RoomHealth, "title" | "titles">[] {
  return rooms.filter(({ stale }) => stale);
}

/** A seat without media is worth a look, and no more. */
const SILENT_BADNESS = 25;
const LOST_BADNESS = 1000;

/** How much a seat needs attention: a lost connection above all, then loss, round trip and jitter. */
export function badness(seat: Seat): number {
  const lost = seat.state === "connected" ? 0 : seat.state === "seated" ? SILENT_BADNESS : LOST_BADNESS;
  const loss = Math.max(seat.loss_up ?? 0, seat.loss_down ?? 0);
  return lost + loss * 1000 + (seat.rtt_ms ?? 0) / 10 + (seat.jitter_ms ?? 0) / 2;
}

/** The badness of a seat as a word and a colour. A seat without figures is not called good. */
export function verdict(seat: Seat): "good" | "fair" | "poor" | "lost" | "unknown" {
  const score = badness(seat);
  if (score >= LOST_BADNESS) return "lost";
  if (score >= 50) return "poor";
  if (score >= SILENT_BADNESS) return "fair";
  return isMeasured(seat) ? "good" : "unknown";
}

/** Loss is measured on what flows: of a path that carries nothing, only a round trip says anything. */
function isMeasured({ rtt_ms, bitrate_up, bitrate_down }: Seat): boolean {
  return rtt_ms !== null || (bitrate_up ?? 0) > 0 || (bitrate_down ?? 0) > 0;
}

/** All seats and the server in one sentence. */
export type Summary =
  /** Nothing was read yet. */
  | { says: "waiting_for_figures" }
  /** What is shown is no longer read anew. */
  | { says: "outdated" }
  | { says: "bad"; n: number }
  | { says: "disk_bad" }
  | { says: "nobody_measured" }
  | { says: "partly_measured"; n: number; of: number }
  | { says: "fine"; n: number };

/** What can be said of everything: well is only what was measured, and lately. */
export function summary(seats: Seat[], server: ServerHealth | null, failed: boolean): Summary {
  if (failed) return { says: server ? "outdated" : "waiting_for_figures" };
  if (!server) return { says: "waiting_for_figures" };
  const bad = seats.filter((seat) => ["poor", "lost"].includes(verdict(seat))).length;
  if (bad > 0) return { says: "bad", n: bad };
  if (diskTrouble(server)) return { says: "disk_bad" };
  const measured = seats.filter(isMeasured).length;
  if (measured === 0) return { says: "nobody_measured" };
  return measured < seats.length
    ? { says: "partly_measured", n: measured, of: seats.length }
    : { says: "fine", n: measured };
}

/** What is wrong with a seat, and on whose side it is. */
export type Cause = "away" | "no_path" | "no_media" | "loss_up" | "loss_down" | "jitter" | "rtt";

/** A figure above its threshold is shown as a cause. */
const THRESHOLDS = { loss: 0.02, jitter_ms: 30, rtt_ms: 250 };

/** The figures of a seat from which a cause is told: of the health, or of a call for help. */
export type Measured = Pick<SeatFigures, "state" | "cause" | "loss_up" | "loss_down" | "jitter_ms" | "rtt_ms">;

/** The worst of what is wrong with a seat; `null` where nothing is. */
export function causeOf(seat: Measured): Cause | null {
  if (seat.state === "away") return "away";
  if (seat.state === "seated") return "no_media";
  if (seat.state !== "connected") return "no_path";
  const parts: [Cause, number][] = [
    ["loss_up", (seat.loss_up ?? 0) / THRESHOLDS.loss],
    ["loss_down", (seat.loss_down ?? 0) / THRESHOLDS.loss],
    ["jitter", (seat.jitter_ms ?? 0) / THRESHOLDS.jitter_ms],
    ["rtt", (seat.rtt_ms ?? 0) / THRESHOLDS.rtt_ms],
  ];
  const [cause, weight] = parts.reduce((worst, part) => (part[1] > worst[1] ? part : worst));
  return weight >= 1 ? cause : null;
}

export type DiskTrouble = Exclude<DiskState, "ok">;

/** What is wrong with the server's disk; `null` if nothing is. A trouble that only a newer server knows counts as failing. */
export function diskTrouble({ disk }: ServerHealth): DiskTrouble | null {
  if (disk.state === "ok") return null;
  return DiskState.includes(disk.state) ? disk.state : "failing";
}

/** Whether nothing can be recorded, so that commands are refused. */
export function refusesCommands(trouble: DiskTrouble): boolean {
  return trouble !== "low" && trouble !== "slow";
}
