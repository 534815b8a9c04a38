import { signal } from "@preact/signals";
import type { Link } from "../connection/connection";
import type { PathFigures } from "../media/path";
import { isGap, reduce } from "../model/reduce";
import type { Floor, Room, RoomEvent, SlotShows, You } from "../model/types";
import type { DepartureReason } from "../wire/generated/socket";
import { announceChange } from "./announce-change";

export const room = signal<Room | null>(null);
export const you = signal<You | null>(null);
export const link = signal<Link>("connecting");
/** True while commands can be given. Media may still be on its way. */
export const connected = signal(false);
/** The server's clock minus this device's, in milliseconds. */
export const offset = signal(0);

export const figures = signal<PathFigures | null>(null);
/** What each slot carries, by its `mid`. */
export const slots = signal<Map<string, NonNullable<SlotShows["shows"]>>>(new Map());
export const tracks = signal<Map<string, MediaStreamTrack>>(new Map());
/** The slots of the floor's voices. */
export const voices = signal<string[]>([]);
/** The slot of the chosen language channel. */
export const languageSlot = signal("");
/** Why the participant's seat in this room has ended, if it has. */
export const ended = signal<{ reason: DepartureReason; to: string | null } | null>(null);
export const screenTrack = signal<MediaStreamTrack | null>(null);
/** This device's microphone as the server receives it, in dB relative to overload, and when the server said so. */
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
  if (event.type === "participant.left" && event.person === you.value?.person) ended.value = { reason: event.reason, to: event.to ?? null };
  if (you.value) announceChange(before, room.value, you.value);
  return true;
}

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
