import { listed } from "./order";
import type { Floor, FloorRequest } from "./types";

/** Milliseconds until the participant at this position is called, if every speaker before uses the whole limit. */
export function waitFor(floor: Floor, position: number, remainingMs: number): number {
  const limit = floor.settings.limit_ms;
  const before = listed(floor).filter((r) => (r.position ?? 0) < position).length;
  return Math.max(0, floor.speech ? remainingMs : 0) + before * limit;
}

/** Whole minutes, as a participant is told them; at least one. */
export function aboutMinutes(ms: number): number {
  return Math.max(1, Math.round(ms / 60_000));
}

/** For how many whole minutes a request has waited at `now`, the server's time in milliseconds. */
export function waitedMinutes(request: FloorRequest, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(request.asked_at)) / 60_000));
}
