import { listed } from "./order";
import type { Floor } from "./types";

/** What a speech may last where the room does not say. */
const DEFAULT_LIMIT_MS = 8 * 60_000;

/** Milliseconds until the person at this position is called, if everybody before uses the whole limit. */
export function waitFor(floor: Floor, position: number, remainingMs: number): number {
  const limit = floor.settings?.limit_ms ?? floor.speech?.limit_ms ?? DEFAULT_LIMIT_MS;
  const before = listed(floor).filter((r) => (r.position ?? 0) < position).length;
  return Math.max(0, floor.speech ? remainingMs : 0) + before * limit;
}

/** Whole minutes to say to a person, never less than one. */
export function aboutMinutes(ms: number): number {
  return Math.max(1, Math.round(ms / 60_000));
}
