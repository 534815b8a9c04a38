import { isPresent, nameOf } from "./names";
import type { Channel, Participant, Room, SlotShows, You } from "./types";

/** What can be listened to: the floor, or a language. */
export type Sound = string;
export const FLOOR: Sound = "floor";

/** The channel of a language; none for the floor, or for a language that the conference has not. */
export function channelOf(room: Room, sound: Sound): Channel | null {
  return room.channels.find((c) => c.language === sound) ?? null;
}

/** What of a remembered choice holds here. */
export function chosenIn(room: Room | null, sound: Sound): Sound {
  return room && channelOf(room, sound) ? sound : FLOOR;
}

/** Whether there is anything to choose: one language that nobody interprets is what everybody speaks. */
export function hasChoice(room: Room): boolean {
  const channels = room.channels;
  return channels.length > 1 || channels.some((c) => c.interpreter);
}

/** Whether what comes on the language's line is an interpreter; the floor comes on lines of its own. */
export function carriesInterpreter(shows: SlotShows["shows"] | undefined): boolean {
  return shows?.source === "microphone" && shows.stage === false;
}

/** What an interpreter can do about a channel. */
export type Booth =
  | { does: "stop"; channel: Channel; heard: boolean }
  | { does: "take"; channel: Channel }
  | { does: "take_over"; channel: Channel; from: string }
  | { does: "wait"; channel: Channel; for: string };

/** What can be done now about each of one's languages; while one interprets, about that one alone. */
export function booths(room: Room, you: You): Booth[] {
  const own = (you.languages ?? []).map((language) => channelOf(room, language)).filter((c) => c !== null);
  const mine = own.find((c) => c.interpreter === you.person);
  if (mine) return [{ does: "stop", channel: mine, heard: mine.state === "interpreted" }];
  return own.map((channel) => {
    const who = channel.interpreter;
    if (!who) return { does: "take", channel };
    return channel.state === "interpreted" ? { does: "wait", channel, for: nameOf(room, who) } : { does: "take_over", channel, from: nameOf(room, who) };
  });
}

/** The other interpreters who are here and have no channel. Whether they may have this one, the server knows. */
export function partners(room: Room, you: You): Participant[] {
  const busy = new Set(room.channels.map((c) => c.interpreter));
  return room.participants.filter((p) => p.role === "interpreter" && p.person !== you.person && isPresent(room, p.person) && !busy.has(p.person));
}
