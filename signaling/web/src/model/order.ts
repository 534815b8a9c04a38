import type { Floor, FloorRequest, Kind } from "./types";

/** Kinds that precede the list and must be ruled on at once. */
export function isUrgent(kind: Kind): boolean {
  return kind === "point_of_order" || kind === "motion";
}

/** Points of order and motions that wait for a ruling, oldest first. */
export function urgent(floor: Floor): FloorRequest[] {
  return floor.requests.filter((r) => isUrgent(r.kind) && r.state !== "granted").sort(byAge);
}

/** The listed requests, in order of their positions. */
export function listed(floor: Floor): FloorRequest[] {
  return floor.requests
    .filter((r) => r.position != null && !isUrgent(r.kind))
    .sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
}

/** Requests the chair has not placed yet, oldest first. */
export function waiting(floor: Floor): FloorRequest[] {
  return floor.requests.filter((r) => r.state === "pending" && r.position == null && !isUrgent(r.kind)).sort(byAge);
}

/** Those who were absent when called, and may be recalled. */
export function passed(floor: Floor): FloorRequest[] {
  return floor.requests.filter((r) => r.substate === "passed").sort(byAge);
}

/** Whom *Next* will call: the first present one of the list, else the oldest that waits to be placed. */
export function nextUp(floor: Floor, isPresent: (person: string) => boolean): FloorRequest | null {
  return [...listed(floor), ...waiting(floor)].find((r) => isPresent(r.beneficiary)) ?? null;
}

/** The order after one entry went to another's place: what dragging and the arrow keys both do. */
export function reordered(ids: string[], id: string, to: number): string[] {
  const without = ids.filter((other) => other !== id);
  const index = Math.max(0, Math.min(to, without.length));
  return [...without.slice(0, index), id, ...without.slice(index)];
}

function byAge(a: FloorRequest, b: FloorRequest): number {
  return (a.asked_at ?? "").localeCompare(b.asked_at ?? "") || a.id.localeCompare(b.id, undefined, { numeric: true });
}
