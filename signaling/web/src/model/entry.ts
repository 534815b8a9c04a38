import { isPresent } from "./names";
import { isUrgent, listed } from "./order";
import type { Fields } from "../wire/messages";
import type { Floor, FloorRequest, Room } from "./types";

/** What the chair can do with a request that is not granted. */
export type EntryAction = "grant" | "accept" | "pass" | "deny" | "recall";

/** The actions on a request, by its state. Points of order are ruled on elsewhere. */
export function actionsOn(request: FloorRequest): EntryAction[] {
  if (request.substate === "passed") return ["recall", "deny"];
  if (request.state === "pending") return ["accept", "grant", "deny"];
  return ["grant", "pass", "deny"];
}

/** How a participant is connected, as far as the room knows. */
export type Light = "sending" | "listening" | "absent";

export function lightOf(room: Room, person: string): Light {
  if (!isPresent(room, person)) return "absent";
  return room.participants.find((p) => p.person === person)?.publishing === false ? "listening" : "sending";
}

/** The requests that *Next* passes over: of absent participants before the first who is present. */
export function passedOver(room: Room): FloorRequest[] {
  const entries = listed(room.floor);
  const head = entries.findIndex((q) => isPresent(room, q.beneficiary));
  return head < 0 ? [] : entries.slice(0, head);
}

/** What *Grant* does with a request now. */
export type Grant =
  | { does: "grant" }
  /** It ends the speech of the holder in the same step. */
  | { does: "replace"; holder: FloorRequest }
  /** The rules let nobody be replaced: the request is put first on the list, for when the holder's speech has ended. */
  | { does: "call_next"; holder: FloorRequest }
  /** It is first on the list already. */
  | { does: "is_next"; holder: FloorRequest };

/** A point of order and a speech of the acting chair need no free microphone. */
export function grantOf(floor: Floor, request: FloorRequest): Grant {
  const needsMicrophone = (r: FloorRequest) => !isUrgent(r.kind) && r.beneficiary !== floor.chair;
  const holders = floor.granted.filter(needsMicrophone);
  const live = holders.filter((g) => g.substate !== "suspended");
  const holder = live[0] ?? holders[0];
  if (!holder || holders.length < floor.nom || !needsMicrophone(request)) return { does: "grant" };
  if (floor.settings.when_full === "override" || live.length < floor.nom) return { does: "replace", holder };
  return { does: request.position === 1 ? "is_next" : "call_next", holder };
}

/** The command of *Grant*, if it has one now. */
export type GrantCommand =
  | { type: "floor.grant"; fields: Fields<"floor.grant"> }
  | { type: "floor.accept"; fields: Fields<"floor.accept"> }
  | { type: "floor.move"; fields: Fields<"floor.move"> };

export function grantCommand(floor: Floor, request: FloorRequest): GrantCommand | null {
  const grant = grantOf(floor, request);
  switch (grant.does) {
    case "grant":
      return { type: "floor.grant", fields: { request: request.id } };
    case "replace":
      return { type: "floor.grant", fields: { request: request.id, replace: grant.holder.id } };
    case "call_next":
      return request.state === "pending"
        ? { type: "floor.accept", fields: { request: request.id, position: 1 } }
        : { type: "floor.move", fields: { request: request.id, position: 1, override: true } };
    case "is_next":
      return null;
  }
}
