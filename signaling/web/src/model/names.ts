import type { Conference, Person, Room } from "./types";

/** The name of a participant, seated or not. An id stands only for a person whom the conference no longer knows. */
export function nameOf(room: Room, person: string): string {
  return room.participants.find((p) => p.person === person)?.name ?? nameIn(room, person);
}

/** The name of a person where no room is open. */
export function nameIn(known: { people?: Person[] } | null, person: string): string {
  return known?.people?.find((p) => p.person === person)?.name ?? person;
}

/** The name of a delegation is that of its city. */
export function cityOf(conference: Conference | null, delegation: string | null | undefined): string | null {
  if (!delegation) return null;
  return conference?.delegations.find((d) => d.id === delegation)?.name ?? delegation;
}

export function isPresent(room: Room, person: string): boolean {
  return room.participants.some((p) => p.person === person && p.state === "seated");
}
