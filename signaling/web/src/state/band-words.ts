import { t } from "../i18n";
import { durationWords, languageName, names, ordinal, timeIn } from "../i18n/format";
import { isolated } from "../i18n/isolate";
import type { BandLine, Value } from "../model/band";
import { cityOf, nameOf, titleOf } from "../model/names";
import type { Conference, Room } from "../model/types";

/** A line of the event band as a sentence in the page's language. */
export function sentence(
  { key, values }: Pick<BandLine, "key" | "values">,
  room: Room,
  conference: Conference | null,
): string {
  const words = Object.entries(values).map(([name, value]) => [name, inWords(value, room, conference)] as const);
  return t(key, Object.fromEntries(words));
}

function inWords(value: Value, room: Room, conference: Conference | null): string | number {
  if (typeof value !== "object") return value;
  if ("person" in value) return nameAndCity(nameOf(room, value.person), cityOf(conference, value.delegation));
  if ("city" in value) return cityOf(conference, value.city) ?? "";
  if ("cities" in value) return names(value.cities.map((id) => cityOf(conference, id) ?? ""));
  if ("place" in value) return ordinal(value.place);
  if ("time" in value) return timeIn(new Date(value.time));
  if ("duration" in value) return durationWords(value.duration);
  if ("language" in value) return languageName(value.language);
  if ("room" in value) {
    const room = conference?.rooms.find(({ id }) => id === value.room);
    return room ? titleOf(room) : value.room;
  }
  if ("titled" in value) return titleOf(value.titled);
  return t(value.key);
}

/** A name that has the city in it already stands alone. */
function nameAndCity(name: string, city: string | null): string {
  if (!city || name.includes(city)) return name;
  return t("band.who", { name: isolated(name), city: isolated(city) });
}
