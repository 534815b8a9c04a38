import { isPresent } from "./names";
import { isUrgent, listed } from "./order";
import { asksToSpeak, mayOf } from "./permissions";
import type { Floor, FloorRequest, Kind, Room, You } from "./types";

/** What the main button does now. */
export type MainAction =
  | { does: "ask" }
  | { does: "withdraw"; request: FloorRequest; position: number | null }
  | { does: "end"; request: FloorRequest }
  | { does: "suspended"; request: FloorRequest }
  | { does: "passed"; request: FloorRequest }
  | { does: "use_device" }
  | { does: "nothing"; why: "list_not_open" | "list_closed" | "direct" | "roll_call" | "viewer" | "away" | "recorded" };

/** Decides the main button from the floor and the participant alone. */
export function mainAction(floor: Floor, you: You, connected: boolean): MainAction {
  if (!asksToSpeak(mayOf(you.may))) return { does: "nothing", why: "viewer" };
  if (!connected) return { does: "nothing", why: "away" };
  const held = floor.granted.find((r) => r.beneficiary === you.person);
  if (held?.kind === "address") return { does: "nothing", why: "recorded" };
  if (!you.publishing) return { does: "use_device" };
  if (held)
    return held.substate === "suspended" ? { does: "suspended", request: held } : { does: "end", request: held };
  const mine = floor.requests.find((r) => r.state !== "granted" && r.beneficiary === you.person && !isUrgent(r.kind));
  if (mine?.substate === "passed") return { does: "passed", request: mine };
  if (mine) return { does: "withdraw", request: mine, position: mine.position ?? null };
  if (floor.mode === "direct") return { does: "nothing", why: "direct" };
  if (floor.roll_call) return { does: "nothing", why: "roll_call" };
  if (floor.list.state === "not_open") return { does: "nothing", why: "list_not_open" };
  if (floor.list.state !== "open") return { does: "nothing", why: "list_closed" };
  return { does: "ask" };
}

/** All of a person's requests that have not ended. */
function requestsOf(floor: Floor, person: string): FloorRequest[] {
  const all = [...floor.requests.filter((r) => r.state !== "granted"), ...floor.granted];
  return all.filter((r) => r.beneficiary === person);
}

/** The participant's point of order that waits for a ruling. It may be withdrawn. */
export function ownPoint(floor: Floor, you: You): FloorRequest | null {
  return requestsOf(floor, you.person).find((r) => isUrgent(r.kind) && r.state === "pending") ?? null;
}

/** The other kinds of request that the participant may make now. */
export function otherKinds(floor: Floor, you: You): Kind[] {
  if (!asksToSpeak(mayOf(you.may))) return [];
  return admissibleKinds(floor, you.person).filter((kind) => kind !== "statement");
}

/**
 * The kinds of request that are admissible now for a person (docs/rules-of-order.md): a statement and a response while the
 * list is open, a point of order whenever the meeting sits, a right of reply once the list is closed, a motion until the list
 * is concluded; each once.
 */
export function admissibleKinds(floor: Floor, person: string): Kind[] {
  if (floor.mode === "direct") return [];
  const mine = requestsOf(floor, person);
  const list = floor.list.state;
  const point: Kind[] = list === "adjourned" ? [] : ["point_of_order"];
  if (floor.roll_call) return point.filter((kind) => !mine.some((r) => r.kind === kind && r.state === "pending"));
  const admissible: Kind[] = list === "open" ? ["statement", ...point] : point;
  if (list === "closed" || list === "replies") admissible.push("reply");
  if (list === "open") admissible.push("response");
  if (["open", "closed", "replies"].includes(list)) admissible.push("motion");
  return admissible.filter((kind) => !mine.some((r) => r.kind === kind && !(isUrgent(kind) && r.state === "accepted")));
}

/** True when this participant is called next: the first of the list who is present. */
export function isOnDeck(room: Room, you: You): boolean {
  const next = listed(room.floor).find((r) => isPresent(room, r.beneficiary));
  return next?.beneficiary === you.person && !room.floor.granted.some((r) => r.beneficiary === you.person);
}
