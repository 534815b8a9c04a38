import type { Conference, Room } from "./types";

/** What to call somebody, seated or not: the id only of one whom the conference does not know any more. */
export function nameOf(room: Room, person: string): string {
  return room.participants.find((p) => p.person === person)?.name ?? nameIn(room, person);
}

/** The same where no room is open. */
export function nameIn(known: Pick<Conference, "people"> | null, person: string): string {
  return known?.people?.find((p) => p.person === person)?.name ?? person;
}

/** What to call a delegation: its city. */
export function cityOf(conference: Conference | null, delegation: string | null | undefined): string | null {
  if (!delegation) return null;
  return conference?.delegations.find((d) => d.id === delegation)?.name ?? delegation;
}

export function isPresent(room: Room, person: string): boolean {
  return room.participants.some((p) => p.person === person && p.state === "seated");
}
