import { isUrgent, listed } from "./order";
import type { Floor, FloorRequest, You } from "./types";

/** The one thing the main button does now. */
export type MainAction =
  | { does: "ask" }
  | { does: "withdraw"; request: FloorRequest; position: number | null }
  | { does: "end"; request: FloorRequest }
  | { does: "suspended"; request: FloorRequest }
  | { does: "passed"; request: FloorRequest }
  | { does: "use_device" }
  | { does: "nothing"; why: "list_not_open" | "list_closed" | "direct" | "viewer" | "away" };

/** Decides the main button. Pure: the same floor and person always say the same thing. */
export function mainAction(floor: Floor, you: You, connected: boolean): MainAction {
  if (you.role === "viewer" || you.role === "operator" || you.role === "interpreter") {
    return { does: "nothing", why: "viewer" };
  }
  if (!connected) return { does: "nothing", why: "away" };
  const held = floor.granted.find((r) => r.beneficiary === you.person);
  if (you.publishing === false && you.role === "delegate") return { does: "use_device" };
  if (held) return held.substate === "suspended" ? { does: "suspended", request: held } : { does: "end", request: held };
  const mine = floor.requests.find((r) => r.state !== "granted" && r.beneficiary === you.person && !isUrgent(r.kind));
  if (mine?.substate === "passed") return { does: "passed", request: mine };
  if (mine) return { does: "withdraw", request: mine, position: mine.position ?? null };
  if (floor.mode === "direct") return { does: "nothing", why: "direct" };
  if (floor.list.state === "not_open") return { does: "nothing", why: "list_not_open" };
  if (floor.list.state !== "open") return { does: "nothing", why: "list_closed" };
  return { does: "ask" };
}

/** A point of order may be raised whenever one has a seat and none of one's own waits for a ruling. */
export function mayRaisePoint(floor: Floor, you: You): boolean {
  const open = [...floor.requests, ...floor.granted];
  return you.role === "delegate" && !open.some((r) => r.kind === "point_of_order" && r.beneficiary === you.person);
}

/** A right of reply is asked while the list is closed (domain: list of speakers). */
export function mayReply(floor: Floor, you: You): boolean {
  const open = [...floor.requests, ...floor.granted];
  const asked = open.some((r) => r.kind === "reply" && r.beneficiary === you.person);
  return you.role === "delegate" && floor.list.state === "closed" && !asked;
}

/** True when the next one to be called is this person. */
export function isOnDeck(floor: Floor, you: You): boolean {
  return listed(floor)[0]?.beneficiary === you.person && !floor.granted.some((r) => r.beneficiary === you.person);
}
