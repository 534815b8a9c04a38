import type { Conference, Quorum, Room } from "./types";

/** The member delegations of a room, by how they can be reached. */
export interface Attendance {
  /** A delegate is seated. */
  here: string[];
  /** A delegate has lost the connection, and the place is kept. */
  kept: string[];
  absent: string[];
}

/** When a person who is not here was here last; `null` for one who never was. */
export function leftAt(room: Room, person: string): string | null {
  return room.left?.find((l) => l.person === person)?.at ?? null;
}

/** When a delegate of a city that is not here was here last; `null` if none ever was. */
export function lastHere(room: Room, conference: Conference | null, delegation: string): string | null {
  const delegates = (conference?.people ?? []).filter((p) => p.role === "delegate" && p.delegation === delegation);
  const times = delegates.map(({ person }) => leftAt(room, person)).filter((at) => at !== null);
  return times.sort().at(-1) ?? null;
}

/** Counts as the roll of a vote does: members with a delegate who is seated, or whose place is kept. */
export function attendance(room: Room, conference: Conference | null): Attendance {
  const counts: Attendance = { here: [], kept: [], absent: [] };
  for (const { id } of membersOf(room, conference)) {
    const seats = room.participants.filter((p) => p.role === "delegate" && p.delegation === id);
    counts[seats.some((p) => p.state === "seated") ? "here" : seats.length > 0 ? "kept" : "absent"].push(id);
  }
  return counts;
}

/** The member delegations that may enter the room. A person whom the file gives no room may enter all of them. */
function membersOf(room: Room, conference: Conference | null) {
  const mayEnter = ({ rooms }: { rooms: string[] }) => rooms.length === 0 || rooms.includes(room.id);
  return (conference?.delegations ?? []).filter(
    ({ id, status }) =>
      status === "member" &&
      (conference?.people ?? []).some((p) => p.delegation === id && p.role === "delegate" && mayEnter(p)),
  );
}

/** The members present, as a quorum counts them. */
export function present({ here, kept }: Attendance): number {
  return here.length + kept.length;
}

export function memberCount({ here, kept, absent }: Attendance): number {
  return here.length + kept.length + absent.length;
}

/** The members that a quorum needs: a number as it is, a fraction of those that may enter, rounded up. */
export function needed(quorum: Quorum, members: number): number | null {
  if (typeof quorum === "number") return quorum > 0 ? quorum : null;
  const [, above, below] = /^(\d{1,9})\/(\d{1,9})$/.exec(quorum) ?? [];
  const [a, b] = [Number(above), Number(below)];
  return a > 0 && b >= a ? Math.ceil((members * a) / b) : null;
}
