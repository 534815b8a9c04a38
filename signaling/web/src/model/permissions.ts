import type { Permission } from "../wire/generated/socket";
import type { Participant, Room } from "./types";

/** Everything that a participant may do, as the server says it. What a command may do in a case, the room decides. */
export type May = ReadonlySet<Permission>;

export function mayOf(permissions: readonly Permission[]): May {
  return new Set(permissions);
}

/** Whether the participant sends sound into a room. */
export function sendsSound(may: May): boolean {
  return may.has("device.use");
}

/** Whether the participant sends pictures too. An interpreter is heard in a channel and never shown. */
export function sendsPictures(may: May): boolean {
  return sendsSound(may) && !may.has("channel.take");
}

/** Whether the participant asks for the floor to speak: it is of no use without a microphone. */
export function asksToSpeak(may: May): boolean {
  return may.has("floor.request") && sendsSound(may) && !may.has("floor.grant");
}

/** Whether the participant asks for the floor, votes and objects on behalf of others only. */
export function actsOnBehalf(may: May): boolean {
  return may.has("floor.request") && !sendsSound(may);
}

/** The delegates in the room: the participants whom the floor can be given. */
export function delegatesIn(room: Room): Participant[] {
  return room.participants.filter(isDelegate);
}

export function isDelegate({ role }: Participant): boolean {
  return role === "delegate";
}

/** The moderators in the room: the participants to whom the chair can be handed. */
export function moderatorsIn(room: Room): Participant[] {
  return room.participants.filter(({ role }) => role === "moderator");
}

/** The interpreters in the room: the participants to whom a channel can be given. */
export function interpretersIn(room: Room): Participant[] {
  return room.participants.filter(({ role }) => role === "interpreter");
}

/** Whether another participant can be moved to another room. An operator is in all of them. */
export function canBeMoved({ role }: Participant): boolean {
  return role !== "operator";
}

/** Whether another participant sends pictures, and so has a tile. */
export function canBeShown({ role }: Pick<Participant, "role">): boolean {
  return role === "delegate" || role === "moderator";
}

/** Whether another participant sends sound, and so can be muted. */
export function canBeMuted({ role }: Participant): boolean {
  return role === "delegate" || role === "moderator" || role === "interpreter";
}
