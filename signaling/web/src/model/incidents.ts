import { causeOf, verdict, type Cause, type Seat } from "./health";
import { seatKey } from "./history";

/** A time in which a seat was in trouble. */
export interface Incident {
  seat: string;
  name: string;
  cause: Cause;
  from: number;
  to: number | null;
}

const KEPT = 40;

/** The timeline after another look at all seats: troubles begin, change their cause, and end. Newest first. */
export function follow(timeline: readonly Incident[], seats: Seat[], at: number): Incident[] {
  const now = new Map<string, { name: string; cause: Cause }>();
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
