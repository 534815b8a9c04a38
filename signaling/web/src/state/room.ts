import { computed, signal } from "@preact/signals";
import type { PathFigures } from "../media/path";
import { isGap, reduce } from "../model/reduce";
import type { Floor, Room, RoomEvent, SlotShows, You } from "../model/types";
import { announceChange } from "./announce-change";

/** How the page is connected: to the server, and to its media. */
export type Link = "connecting" | "media" | "media_lost" | "connected" | "reconnecting" | "replaced" | "forbidden";

export const room = signal<Room | null>(null);
export const you = signal<You | null>(null);
export const link = signal<Link>("connecting");
/** True while the room hears what is said here; media may be on its way. */
export const connected = computed(() => ["connected", "media", "media_lost"].includes(link.value));
/** The server's clock minus ours. */
export const offset = signal(0);

export const figures = signal<PathFigures | null>(null);
export const slots = signal<Map<string, NonNullable<SlotShows["shows"]>>>(new Map());
export const tracks = signal<Map<string, MediaStreamTrack>>(new Map());
export const voices = signal<string[]>([]);
/** The line that carries the chosen language. */
export const languageLine = signal("");
/** Why the own seat in this room has ended, if it has: sent out, or to another room. */
export const ended = signal<{ reason: string; to: string | null } | null>(null);
/** What is shared of this device's screen. */
export const screenTrack = signal<MediaStreamTrack | null>(null);
/** One's own microphone as the server hears it, in dB below overload, and when that was. */
export const heard = signal<{ dbov: number; at: number } | null>(null);

/** The server's time, in milliseconds. */
export function serverNow(): number {
  return Date.now() + offset.value;
}

/** Folds an event into the room. False if events before it are missing. */
export function fold(event: RoomEvent): boolean {
  const before = room.value;
  if (!before) return true;
  if (isGap(before, event)) return false;
  room.value = reduce(before, event);
  if (event.type === "participant.left" && event.person === you.value?.person) ended.value = { reason: String(event.reason), to: (event.to as string | undefined) ?? null };
  if (you.value) announceChange(before, room.value, you.value);
  return true;
}

/** What the delegations have had, once an item has ended: in the whole room, which no event says. */
export function showSpoken(spoken: Floor["spoken"]): void {
  if (room.value) room.value = { ...room.value, floor: { ...room.value.floor, spoken } };
}

export function showSlots(changed: SlotShows[]): void {
  const next = new Map(slots.value);
  for (const { mid, shows } of changed) {
    if (shows) next.set(mid, shows);
    else next.delete(mid);
  }
  slots.value = next;
}
