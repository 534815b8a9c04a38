import { isUrgent } from "./order";
import type { Floor, FloorRequest } from "./types";

/** The holders whom the console's head shows, one for each microphone, and those who are paused meanwhile. */
export interface Holders {
  places: (FloorRequest | null)[];
  paused: FloorRequest[];
}

/** The head has as many places as the rules have microphones, filled or not, so that nothing below it ever moves. */
export function holders({ granted, nom }: Pick<Floor, "granted" | "nom">): Holders {
  const first = (r: FloorRequest) => (isUrgent(r.kind) ? 0 : r.substate === "suspended" ? 2 : 1);
  const sorted = [...granted].sort((a, b) => first(a) - first(b));
  const places = Array.from({ length: Math.max(1, nom) }, (_, i) => sorted[i] ?? null);
  return { places, paused: sorted.slice(places.length) };
}
