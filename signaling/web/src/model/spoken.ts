import type { Floor } from "./types";

/** How often and how long a delegation has spoken, from the speeches the room knows of. */
export function spokenBy(floor: Floor, delegation: string, delegationOf: (person: string) => string | null) {
  const ended = (floor.speeches ?? []).filter((s) => s.ended_at && delegationOf(s.speaker) === delegation);
  return { times: ended.length, ms: ended.reduce((sum, s) => sum + s.consumed_ms, 0) };
}
