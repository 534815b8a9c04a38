import { isPresent } from "./names";
import { listed } from "./order";
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

/** A grant on a full floor takes the place of the holder in the same step; a point of order suspends the holder instead. */
export function grantFields(floor: Floor, request: FloorRequest): Fields<"floor.grant"> {
  const holder = floor.granted.find((g) => g.substate !== "suspended") ?? floor.granted[0];
  const full = floor.granted.length >= floor.nom;
  const replace = full && holder && request.kind !== "point_of_order";
  return replace ? { request: request.id, replace: holder.id } : { request: request.id };
}
