import { causeOf, verdict, type Cause, type Seat } from "./health";
import { seatKey } from "./history";
import type { DiskTrouble } from "./server";

/** In the place of a seat: the server itself. */
export const SERVER = "server";

/** A time in which a seat, or the server, was in trouble. */
export interface Incident {
  seat: string;
  name: string;
  cause: Cause | `disk_${DiskTrouble}`;
  from: number;
  to: number | null;
}

const KEPT = 40;

/** The timeline after another look at the server and all seats: troubles begin, change their cause, and end. Newest first. */
export function follow(timeline: readonly Incident[], seats: Seat[], at: number, disk: DiskTrouble | null = null): Incident[] {
  const now = new Map<string, Pick<Incident, "name" | "cause">>();
  if (disk) now.set(SERVER, { name: SERVER, cause: `disk_${disk}` });
  for (const seat of seats) {
    const cause = causeOf(seat);
    if (cause && ["poor", "lost"].includes(verdict(seat))) now.set(seatKey(seat), { name: seat.name, cause });
  }
  const known = timeline.map((incident) => {
    if (incident.to !== null) return incident;
    const same = now.get(incident.seat)?.cause === incident.cause;
    if (same) now.delete(incident.seat);
    return same ? incident : { ...incident, to: at };
  });
  const begun = [...now].map(([seat, { name, cause }]) => ({ seat, name, cause, from: at, to: null }));
  return [...begun, ...known].slice(0, KEPT);
}
