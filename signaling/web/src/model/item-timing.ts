import type { AgendaItem, Policy } from "./types";
import { instantOf } from "./zone";

/** How an item stands to its plan, in milliseconds; `null` while it is on time. */
export type ItemTiming = { says: "overdue" | "began_late" | "overruns"; ms: number } | null;

/** Less than a minute is no delay. */
const ON_TIME_MS = 60_000;
/** More than a day is none either: that day's plan was not followed at all. */
const MAX_DELAY_MS = 24 * 3_600_000;

/** The greater of the delays of the item that is on; of one that was not taken up, by how much it should have begun. */
export function itemTiming(item: AgendaItem, now: number): ItemTiming {
  const planned = item.due ? Date.parse(item.due) : instantOf(item.starts, "UTC").getTime();
  const delay = (says: "overdue" | "began_late" | "overruns", ms: number): ItemTiming =>
    ms >= ON_TIME_MS && ms < MAX_DELAY_MS ? { says, ms } : null;
  if (item.state === "planned") return delay("overdue", now - planned);
  if (item.state !== "on") return null;
  const late = item.began ? Date.parse(item.began) - planned : 0;
  const over = item.began ? now - Date.parse(item.began) - item.minutes * 60_000 : 0;
  return over >= ON_TIME_MS ? delay("overruns", over) : delay("began_late", late);
}

/** Whether the order of the list follows the planned speakers of the item that is on. */
export function followsPlan(policy: Policy): boolean {
  return policy === "agreed";
}
