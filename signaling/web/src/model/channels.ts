import { isPresent, nameOf } from "./names";
import { interpretersIn } from "./permissions";
import type { Channel, Participant, Room, SlotShows, You } from "./types";

/** What a participant listens to: the floor, or the channel of a language. */
export type Sound = string;
export const FLOOR: Sound = "floor";

/** The channel of a language. The floor has none, and neither has a language that the conference does not have. */
export function channelOf(room: Room, sound: Sound): Channel | null {
  return room.channels.find((c) => c.language === sound) ?? null;
}

/** The remembered choice where this room has that channel, else the floor. */
export function chosenIn(room: Room | null, sound: Sound): Sound {
  return room && channelOf(room, sound) ? sound : FLOOR;
}

/** Whether there is a choice: a single language without an interpreter is the language of the floor. */
export function hasChoice(room: Room): boolean {
  const channels = room.channels;
  return channels.length > 1 || channels.some((c) => c.interpreter);
}

/** Whether the slot of the channel carries an interpreter, or a recording in its language. Else it carries the floor. */
export function carriesInterpreter(shows: SlotShows["shows"] | undefined): boolean {
  return shows?.source === "microphone" && shows.stage === false;
}

/** What an interpreter can do with a channel. */
export type BoothState =
  | { does: "stop"; channel: Channel; heard: boolean }
  | { does: "take"; channel: Channel }
  /** Its interpreter hands it over: it changes hands then, or at a press. */
  | { does: "receive"; channel: Channel; from: string; at: number }
  | { does: "take_over"; channel: Channel; from: string }
  | { does: "wait"; channel: Channel; for: string };

/** The channel that this interpreter has, if any. */
export function ownChannel(room: Room, you: You): Channel | null {
  return room.channels.find((c) => c.interpreter === you.person) ?? null;
}

/** What this interpreter can do with each channel; while interpreting, with that channel alone. */
export function booths(room: Room, you: You): BoothState[] {
  const own = (you.languages ?? []).map((language) => channelOf(room, language)).filter((c) => c !== null);
  const mine = own.find((c) => c.interpreter === you.person);
  if (mine) return [{ does: "stop", channel: mine, heard: mine.state === "interpreted" }];
  return own.map((channel) => {
    const { interpreter } = channel;
    if (!interpreter) return { does: "take", channel };
    if (channel.handover?.to === you.person)
      return { does: "receive", channel, from: nameOf(room, interpreter), at: Date.parse(channel.handover.at) };
    return channel.state === "interpreted"
      ? { does: "wait", channel, for: nameOf(room, interpreter) }
      : { does: "take_over", channel, from: nameOf(room, interpreter) };
  });
}

/** The other interpreters who are present and have no channel. The server decides whether they may take this one. */
export function partners(room: Room, you: You): Participant[] {
  const busy = new Set(room.channels.map((c) => c.interpreter));
  return interpretersIn(room).filter(
    (p) => p.person !== you.person && isPresent(room, p.person) && !busy.has(p.person),
  );
}
