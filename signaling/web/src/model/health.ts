import { DiskState, type Alarm as WireAlarm, type Health, type SeatHealth, type ServerHealth } from "../wire/generated/http";

export type { ServerHealth };

/** One seat as the operator sees it. A figure that the server did not measure is `null`. */
export interface Seat extends SeatHealth {
  room: string;
  room_title: string;
}

/** All seats of all rooms, worst first. */
export function seatsOf({ rooms }: Health): Seat[] {
  const seats = rooms.flatMap(({ room, title, participants }) => participants.map((seat) => ({ ...seat, room, room_title: title })));
  return seats.sort((a, b) => badness(b) - badness(a) || a.name.localeCompare(b.name));
}

/** Something that needs an operator now. */
export interface Alarm extends WireAlarm {
  room_title: string;
}

/** The alarms of all rooms. */
export function alarmsOf({ rooms }: Health): Alarm[] {
  return rooms.flatMap(({ title, alarms }) => alarms.map((alarm) => ({ ...alarm, room_title: title })));
}

/** The titles of the rooms that did not answer and are shown as last known. */
export function staleRooms({ rooms }: Health): string[] {
  return rooms.filter(({ stale }) => stale).map(({ title }) => title);
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

/** The badness of a seat as a word and a colour. */
export function verdict(seat: Seat): "good" | "fair" | "poor" | "lost" {
  const score = badness(seat);
  if (score >= LOST_BADNESS) return "lost";
  if (score >= 50) return "poor";
  return score >= SILENT_BADNESS ? "fair" : "good";
}

/** What is wrong with a seat, and on whose side it is. */
export type Cause = "away" | "no_path" | "no_media" | "loss_up" | "loss_down" | "jitter" | "rtt";

/** A figure above its threshold is shown as a cause. */
const THRESHOLDS = { loss: 0.02, jitter_ms: 30, rtt_ms: 250 };

/** The worst of what is wrong with a seat; `null` where nothing is. */
export function causeOf(seat: Seat): Cause | null {
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
