import { causeOf, verdict, type Cause, type DiskTrouble, type Seat } from "./health";
import { seatKey } from "./history";

/** The server itself, where an incident names a seat. */
export const SERVER = "server";

/** A time during which a seat or the server was in trouble. */
export interface Incident {
  seat: string;
  name: string;
  names?: Record<string, string>;
  cause: Cause | `disk_${DiskTrouble}`;
  from: number;
  to: number | null;
}

const MAX_INCIDENTS = 40;

/** The timeline after another reading: incidents begin, change their cause, and end. Newest first. */
export function withReading(
  timeline: readonly Incident[],
  seats: Seat[],
  at: number,
  disk: DiskTrouble | null = null,
): Incident[] {
  const now = new Map<string, Pick<Incident, "name" | "names" | "cause">>();
  if (disk) now.set(SERVER, { name: SERVER, cause: `disk_${disk}` });
  for (const seat of seats) {
    const cause = causeOf(seat);
    if (cause && ["poor", "lost"].includes(verdict(seat)))
      now.set(seatKey(seat), { name: seat.name, names: seat.names, cause });
  }
  const known = timeline.map((incident) => {
    if (incident.to !== null) return incident;
    const same = now.get(incident.seat)?.cause === incident.cause;
    if (same) now.delete(incident.seat);
    return same ? incident : { ...incident, to: at };
  });
  const begun = [...now].map(([seat, { name, names, cause }]) => ({ seat, name, names, cause, from: at, to: null }));
  return [...begun, ...known].slice(0, MAX_INCIDENTS);
}
