import { languageTag } from "../i18n";
import { matchLanguage } from "../i18n/match";
import type { Conference, Person, Room } from "./types";

/** A text of the conference file, and the same by language where the file gives it so. */
type Translations = Record<string, string> | undefined;

/** A text of the conference file in the page's language, as far as the file has it. */
function translated(text: string, byLanguage: Translations): string {
  if (!byLanguage) return text;
  const tag = languageTag();
  return byLanguage[tag] ?? byLanguage[matchLanguage(Object.keys(byLanguage), [tag]) ?? ""] ?? text;
}

/** The title of a room or an item, in the page's language. */
export function titleOf({ title, titles }: { title: string; titles?: Translations }): string {
  return translated(title, titles);
}

/** The name of a person, a city or the conference, in the page's language. */
export function namedIn({ name, names }: { name: string; names?: Translations }): string {
  return translated(name, names);
}

/** The theme of the conference, in the page's language. */
export function themeOf({ theme, themes }: { theme: string; themes?: Translations }): string {
  return translated(theme, themes);
}

/** The name of a participant, seated or not. An id stands only for a person whom the conference no longer knows. */
export function nameOf(room: Room, person: string): string {
  const seated = room.participants.find((p) => p.person === person);
  return seated ? namedIn(seated) : nameIn(room, person);
}

/** The name of a person where no room is open. */
export function nameIn(known: { people?: Person[] } | null, person: string): string {
  const found = known?.people?.find((p) => p.person === person);
  return found ? namedIn(found) : person;
}

/** The name of a delegation is that of its city. */
export function cityOf(conference: Conference | null, delegation: string | null | undefined): string | null {
  if (!delegation) return null;
  const found = conference?.delegations.find((d) => d.id === delegation);
  return found ? namedIn(found) : delegation;
}

export function isPresent(room: Room, person: string): boolean {
  return room.participants.some((p) => p.person === person && p.state === "seated");
}
