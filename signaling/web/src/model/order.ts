import type { Floor, FloorRequest, Kind, Speech } from "./types";

/** A point of order is no entry of the list: it precedes it, and must be ruled on at once. */
export function isUrgent(kind: Kind): boolean {
  return kind === "point_of_order";
}

/** Points of order that are heard, wait for a ruling, or were just upheld, oldest first. */
export function urgent(floor: Floor): FloorRequest[] {
  const open = floor.requests.filter((r) => r.state !== "granted");
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

/** Those who were absent when called, and may be recalled. */
export function passed(floor: Floor): FloorRequest[] {
  return floor.requests.filter((r) => r.substate === "passed").sort(byAge);
}

/** Speeches about whose absent holder the chair is asked. */
export function missing(floor: Floor): Speech[] {
  return floor.speeches.filter((speech) => speech.asked);
}

/** Whom *Next* will call: the first present one of the list, else the oldest that waits to be placed. */
export function nextUp(floor: Floor, isPresent: (person: string) => boolean): FloorRequest | null {
  return [...listed(floor), ...waiting(floor)].find((r) => isPresent(r.beneficiary)) ?? null;
}

/** What a move is asked of the server as. */
export type Move = { type: "floor.move"; fields: { request: string; position: number; override: true } } | { type: "floor.order"; fields: { ids: string[] } };

/**
 * Moves an entry to another's place, against the policy if need be; `null` where that is where it stands. Where the
 * chair has given others a place as well, these would keep it, and the list would not come out as it was dropped: then
 * the whole order is set at once.
 */
export function moveTo(order: FloorRequest[], id: string, to: number): Move | null {
  const position = placeAfter(order, id, to);
  if (position === null) return null;
  if (!order.some((r) => r.id !== id && r.pinned)) return { type: "floor.move", fields: { request: id, position, override: true } };
  const ids = order.map((r) => r.id).filter((other) => other !== id);
  return { type: "floor.order", fields: { ids: [...ids.slice(0, to), id, ...ids.slice(to)] } };
}

/** Where dropping one entry onto another, or pressing up or down, puts it; `null` where that is where it stands. */
export function placeAfter(order: FloorRequest[], id: string, to: number): number | null {
  const from = order.findIndex((r) => r.id === id);
  if (from < 0 || to < 0 || to >= order.length || to === from) return null;
  return to + 1;
}

function byAge(a: FloorRequest, b: FloorRequest): number {
  return (a.asked_at ?? "").localeCompare(b.asked_at ?? "") || a.id.localeCompare(b.id, undefined, { numeric: true });
}
