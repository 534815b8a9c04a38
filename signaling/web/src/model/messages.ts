import type { ChatLine, Room } from "./types";

/** To whom a message of the panel goes. */
export type Audience = "room" | "moderators" | "operators";

export const AUDIENCES: readonly Audience[] = ["room", "moderators", "operators"];

/** The messages that the panel shows. Those among interpreters have a place of their own, in the booth. */
export function messagesOf(room: Room): ChatLine[] {
  return room.chat.filter(({ to }) => !to.startsWith("booth:"));
}

/** The audience of a message; `null` for one that only a newer server knows. */
export function audienceOf({ to }: ChatLine): Audience | null {
  return AUDIENCES.find((audience) => audience === to) ?? null;
}

/** The messages of others that were not read yet. */
export function unread(lines: readonly ChatLine[], reader: string, lastRead: number): ChatLine[] {
  // A number above all that there are was kept of an earlier record of this room.
  const read = lastRead > (lines.at(-1)?.id ?? 0) ? 0 : lastRead;
  return lines.filter(({ id, from }) => id > read && from !== reader);
}

/** The participant's own open call for help. */
export function ownHelp(room: Room, reader: string): ChatLine | undefined {
  return room.help?.find(({ from }) => from === reader);
}
