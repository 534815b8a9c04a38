import { namedIn } from "./names";
import type { Proceedings, RecordedSpeech, Time } from "../wire/generated/http";

export type { PointOfOrder, Proceedings, RecordedDecision, RecordedSpeech, Span } from "../wire/generated/http";

/** A bar of the chart: how long a delegation has spoken, and that as a share of the longest. */
export interface Bar {
  delegation: string;
  name: string;
  speeches: number;
  usedMs: number;
  share: number;
}

/** Time per delegation, the longest first. Delegations that were present and have not spoken are shown too. */
export function timePerDelegation(record: Pick<Proceedings, "delegations">): Bar[] {
  const longest = Math.max(1, ...record.delegations.map((d) => d.used_ms));
  return record.delegations
    .filter((d) => d.present || d.speeches > 0)
    .map((d) => ({
      delegation: d.delegation,
      name: namedIn(d),
      speeches: d.speeches,
      usedMs: d.used_ms,
      share: d.used_ms / longest,
    }))
    .sort((a, b) => b.usedMs - a.usedMs || a.name.localeCompare(b.name));
}

/** The city of a speech in the page's language; a delegation that the record does not list is known by its plain name. */
export function cityIn(
  { delegations }: Pick<Proceedings, "delegations">,
  { delegation, city }: Pick<RecordedSpeech, "delegation" | "city">,
): string | null {
  const known = delegations.find((d) => d.delegation === delegation);
  return known ? namedIn(known) : (city ?? null);
}

/** The instant of a time of the record. */
export function instant(time: Time): Date;
export function instant(time: Time | null | undefined): Date | null;
export function instant(time: Time | null | undefined): Date | null {
  return time ? new Date(time.utc) : null;
}
