import { instantOf } from "./zone";
import type { Agenda, AgendaItem, PlannedItem } from "./types";

/** A later start than this is no delay: that day's plan was not followed at all. */
const MAX_DELAY_MS = 24 * 3_600_000;

/** An item of a room's agenda, which has a state, or of the conference's plan, which has none. */
export type ShownItem = Pick<PlannedItem, "id" | "title" | "kind" | "starts" | "minutes"> &
  Partial<Pick<AgendaItem, "state" | "recording">>;

/** The current and the next item, and how far the room is behind its plan. */
export interface Programme {
  on: AgendaItem | null;
  next: AgendaItem | null;
  lateMs: number;
}

/** Where a room stands in its agenda at `now`, the server's time in milliseconds. */
export function programme({ items }: Pick<Agenda, "items">, now: number): Programme {
  const on = items.find((item) => item.state === "on") ?? null;
  const next = items.find((item) => item.state === "planned") ?? null;
  const late = Math.max(0, on ? lateOf(on, now) : 0, next ? now - starts(next) : 0);
  return { on, next, lateMs: late < MAX_DELAY_MS ? late : 0 };
}

/** An item that began late stays late until it ends; one that overruns grows later by the minute. */
function lateOf(item: AgendaItem, now: number): number {
  const began = item.began ? Date.parse(item.began) : starts(item);
  return Math.max(began - starts(item), now - starts(item) - item.minutes * 60_000);
}

/** When an item is to begin: as planned, or as postponed. */
function starts(item: Pick<AgendaItem, "starts" | "due">): number {
  return instantOf(item.due ?? item.starts, "UTC").getTime();
}

/** The items as planned, and each that was postponed before the first that is due later. */
export function inAgendaOrder(items: AgendaItem[]): AgendaItem[] {
  const ordered = items.filter(({ due }) => !due);
  for (const item of items.filter(({ due }) => due).sort((a, b) => starts(a) - starts(b))) {
    const later = ordered.findIndex((other) => starts(other) > starts(item));
    ordered.splice(later < 0 ? ordered.length : later, 0, item);
  }
  return ordered;
}

/** The agenda of today in the conference's zone, else of the next day that has one, else all of it. */
export function agendaOfDay<T extends Pick<ShownItem, "starts">>(
  items: T[],
  zone: string,
  now: number,
): { day: "today" | "next" | "all"; items: T[] } {
  const dayOf = (at: number) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(at);
  const at = (item: T) => instantOf(item.starts, zone).getTime();
  const today = items.filter((item) => dayOf(at(item)) === dayOf(now));
  if (today.length > 0) return { day: "today", items: today };
  const first = items.filter((item) => at(item) > now).sort((a, b) => at(a) - at(b))[0];
  if (!first) return { day: "all", items };
  return { day: "next", items: items.filter((item) => dayOf(at(item)) === dayOf(at(first))) };
}
