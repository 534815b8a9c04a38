import { instantOf } from "./zone";
import type { Agenda, AgendaItem } from "./types";

/** Who is so late is not late: that day's plan was not followed at all. */
const A_DAY_MS = 24 * 3_600_000;

/** What is on, what comes next, and how far the room is behind its plan. */
export interface Programme {
  on: AgendaItem | null;
  next: AgendaItem | null;
  lateMs: number;
}

/** Where a room stands in its agenda at `now`, the server's time in milliseconds. */
export function programme(agenda: Agenda, now: number): Programme {
  const { items } = agenda;
  const on = items.find((item) => item.state === "on") ?? null;
  const next = items.find((item) => (item.state ?? "planned") === "planned" && item !== on) ?? null;
  const late = Math.max(0, on ? lateOf(on, now) : 0, next ? now - starts(next) : 0);
  return { on, next, lateMs: late < A_DAY_MS ? late : 0 };
}

/** An item that began late is late until it ends; one that overruns grows later by the minute. */
function lateOf(item: AgendaItem, now: number): number {
  const began = item.began ? Date.parse(item.began) : starts(item);
  return Math.max(began - starts(item), now - starts(item) - item.minutes * 60_000);
}

function starts(item: AgendaItem): number {
  return instantOf(item.starts, "UTC").getTime();
}

/** The agenda of today in the conference's zone, else of the next day that has one, else all of it. */
export function agendaOfDay(items: AgendaItem[], zone: string, now: number): { day: "today" | "next" | "all"; items: AgendaItem[] } {
  const dayOf = (at: number) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(at);
  const at = (item: AgendaItem) => instantOf(item.starts, zone).getTime();
  const today = items.filter((item) => dayOf(at(item)) === dayOf(now));
  if (today.length > 0) return { day: "today", items: today };
  const first = items.filter((item) => at(item) > now).sort((a, b) => at(a) - at(b))[0];
  if (!first) return { day: "all", items };
  return { day: "next", items: items.filter((item) => dayOf(at(item)) === dayOf(at(first))) };
}
