import { signal } from "@preact/signals";
import type { Link } from "../connection/connection";
import type { PathFigures } from "../media/path";
import { NO_RECEPTION } from "../model/live-state";
import { isGap, reduce } from "../model/reduce";
import type { Floor, Room, RoomEvent, SlotShows, You } from "../model/types";
import type { DepartureReason } from "../wire/generated/socket";
import { changesOrder } from "../model/rest";
import { orderRest } from "./rest";

export const room = signal<Room | null>(null);
export const you = signal<You | null>(null);
export const link = signal<Link>("connecting");
/** True while commands can be given. Media may still be on its way. */
export const connected = signal(false);
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
/** This device's microphone as the server receives it, in dB relative to overload, and when that was said, by the stopwatch. */
export const heard = signal<{ dbov: number; at: number } | null>(null);

/** What the server says of this device's own microphone and camera. */
export const reception = signal(NO_RECEPTION);
/** The participants who are speaking now, as the server hears them. */
export const speaking = signal<ReadonlySet<string>>(new Set());

/** Folds an event into the room. False if events before it are missing. */
export function fold(event: RoomEvent): boolean {
  const before = room.value;
  if (!before) return true;
  if (isGap(before, event)) return false;
  const after = reduce(before, event);
  // Before the order is drawn anew, so that no press falls between.
  if (changesOrder(before, after, event)) orderRest.changed();
  room.value = after;
  if (event.type === "participant.left" && event.person === you.value?.person)
    ended.value = { reason: event.reason, to: event.to ?? null };
  return true;
}

/** Forgets the room and this participant's part in it. */
export function forgetRoom(): void {
  room.value = null;
  you.value = null;
  ended.value = null;
  figures.value = null;
  heard.value = null;
  forgetReception();
  screenTrack.value = null;
  slots.value = new Map();
  tracks.value = new Map();
  voices.value = [];
  languageSlot.value = "";
}

/** Forgets what the server said over a connection that has ended. */
export function forgetReception(): void {
  reception.value = NO_RECEPTION;
  speaking.value = new Set();
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
