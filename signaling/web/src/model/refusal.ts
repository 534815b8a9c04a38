import type { CommandType } from "../wire/messages";
import type { Room } from "./types";

/** A refusal is read before it vanishes, even if its reason has gone at once. */
export const MIN_SHOWN_MS = 4_000;

/**
 * What a refusal complained of, as far as the room knows: once this has changed, the refusal is no longer true. A person's
 * absence and a missing quorum are about who is there; everything else is about what the command would have changed.
 */
export function complaint(room: Room, type: CommandType, code: string | undefined): string {
  const presence = room.participants.map(({ person, state, muted }) => [person, state, muted]);
  if (code === "absent" || code === "no_quorum" || code === "nothing_listed")
    return JSON.stringify([presence, order(room)]);
  switch (type.split(".")[0]) {
    case "floor":
    case "list":
    case "recording":
    case "chair":
      return JSON.stringify(order(room));
    case "decision":
      return JSON.stringify([room.decisions, presence]);
    case "agenda":
      return JSON.stringify(room.agenda);
    case "channel":
      return JSON.stringify([room.channels, presence]);
    case "participant":
      return JSON.stringify([presence, room.removed, room.floor.granted.map(({ id }) => id)]);
    default:
      return "";
  }
}

/** The floor without its clocks, which run all the time. */
function order({ floor }: Room) {
  const { granted, requests, list, chair, chair_priority, roll_call, settings } = floor;
  const facts = (r: (typeof requests)[number]) => [r.id, r.state, r.substate, r.position, r.pinned];
  return [granted.map(facts), requests.map(facts), list, chair, chair_priority, roll_call, settings];
}
