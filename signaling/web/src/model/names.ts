import type { Conference, Room } from "./types";

/** What to call somebody: the name, or the id of one who is not in the room. */
export function nameOf(room: Room, person: string): string {
  return room.participants.find((p) => p.person === person)?.name ?? person;
}

/** What to call a delegation: its city. */
export function cityOf(conference: Conference | null, delegation: string | null | undefined): string | null {
  if (!delegation) return null;
  return conference?.delegations.find((d) => d.id === delegation)?.name ?? delegation;
}

export function isPresent(room: Room, person: string): boolean {
  return room.participants.some((p) => p.person === person && p.state === "seated");
}
