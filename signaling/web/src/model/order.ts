import type { Floor, FloorRequest, Kind, Speech } from "./types";

/** A point of order precedes the list and must be ruled on at once. */
export function isUrgent(kind: Kind): boolean {
  return kind === "point_of_order";
}

/** Points of order that are heard or wait for a ruling, oldest first. One that was ruled on is gone: the event band says how. */
export function urgent(floor: Floor): FloorRequest[] {
  const open = floor.requests.filter((r) => r.state === "pending");
  return [...open, ...floor.granted].filter((r) => isUrgent(r.kind)).sort(byAge);
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

/** The requests that were passed over and may be recalled. */
export function passed(floor: Floor): FloorRequest[] {
  return floor.requests.filter((r) => r.substate === "passed").sort(byAge);
}

/** The speeches of absent holders about whom the chair is asked. */
export function absences(floor: Floor): Speech[] {
  return floor.speeches.filter((speech) => speech.asked);
}

/** The request that *Next* calls: the first of a present participant in the list, else the oldest not yet listed. */
export function nextUp(floor: Floor, isPresent: (person: string) => boolean): FloorRequest | null {
  return [...listed(floor), ...waiting(floor)].find((r) => isPresent(r.beneficiary)) ?? null;
}

/** The command that moves an entry. */
export type Move =
  | { type: "floor.move"; fields: { request: string; position: number; override: true } }
  | { type: "floor.order"; fields: { ids: string[] } };

/**
 * Moves an entry to the place of another, against the policy if need be; `null` if it is there already. Other entries
 * that the chair has pinned would keep their places and spoil the order, so the whole order is set then.
 */
export function moveTo(order: FloorRequest[], id: string, to: number): Move | null {
  const position = placeAfter(order, id, to);
  if (position === null) return null;
  if (!order.some((r) => r.id !== id && r.pinned))
    return { type: "floor.move", fields: { request: id, position, override: true } };
  const ids = order.map((r) => r.id).filter((other) => other !== id);
  return { type: "floor.order", fields: { ids: [...ids.slice(0, to), id, ...ids.slice(to)] } };
}

/** The position of an entry after it is dropped onto another; `null` if nothing changes. */
export function placeAfter(order: FloorRequest[], id: string, to: number): number | null {
  const from = order.findIndex((r) => r.id === id);
  if (from < 0 || to < 0 || to >= order.length || to === from) return null;
  return to + 1;
}

function byAge(a: FloorRequest, b: FloorRequest): number {
  return (a.asked_at ?? "").localeCompare(b.asked_at ?? "") || a.id.localeCompare(b.id, undefined, { numeric: true });
}
