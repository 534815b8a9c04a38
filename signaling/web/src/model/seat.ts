import { agendaOfDay } from "./agenda";
import { currentItem } from "./zone";
import type { Conference, Person, PlannedItem, RoomListed } from "./types";

/** To whom an item belongs, as its reader sees it. */
export type Owner = "own" | "city" | null;

/** Whether the reader, or somebody else of the reader's city, is a planned speaker of an item. */
export function ownerOf(
  item: Pick<PlannedItem, "speakers">,
  reader: Pick<Person, "id" | "delegation">,
  people: readonly Pick<Person, "id" | "delegation">[],
): Owner {
  if (item.speakers.includes(reader.id)) return "own";
  if (!reader.delegation) return null;
  const cities = item.speakers.map((id) => people.find((person) => person.id === id)?.delegation);
  return cities.includes(reader.delegation) ? "city" : null;
}

/**
 * The room that is chosen for its reader: where the own item is on, then where any item is on, by what the rooms say; before
 * they have said anything, by the plan. Else the room of the reader's next item, else the first.
 */
export function roomToChoose(
  rooms: readonly { id: string }[],
  listed: ReadonlyMap<string, RoomListed>,
  conference: Conference,
  reader: Person,
  now: number,
): string {
  const planned = (room: string) => conference.agenda.filter((item) => item.room === room);
  const isOn = (room: string) =>
    listed.get(room)?.on != null || (listed.size === 0 && currentItem(planned(room), conference.time_zone, now) >= 0);
  const on = rooms.filter(({ id }) => isOn(id));
  const isOwn = (item: PlannedItem) => ownerOf(item, reader, conference.people) !== null;
  const withOwn = on.find(({ id }) => planned(id).some((item) => isOwn(item) && item.id === listed.get(id)?.on?.id));
  const today = agendaOfDay(conference.agenda, conference.time_zone, now).items.filter((item) => isOwn(item));
  const next = rooms.find(({ id }) => today.some((item) => item.room === id));
  return (withOwn ?? on[0] ?? next ?? rooms[0])?.id ?? "";
}
