import { batch, computed, signal } from "@preact/signals";
import { momentAt, stretchesOf, type Moment, type Stretch } from "../model/player";
import type { SittingRecorded } from "../model/types";
import { recordedSittings, recordedSpeeches, recordedTakes } from "../wire/http";
import { Refused } from "../wire/refused";
import { refusalWords } from "./refusal";
import { authorized } from "./session";

/** Everything of a room that can be played; `null` until it was fetched. */
export const stretches = signal<readonly Stretch[] | null>(null);
/** The sittings that can be saved as one file. */
export const sittings = signal<readonly SittingRecorded[]>([]);
/** Why it could not be fetched. */
export const listFailed = signal<string | null>(null);

/** What was chosen to be played. Each choice is a press of its own, also that of the same place. */
export interface Chosen {
  id: string;
  positionMs: number;
  press: number;
}

export const chosen = signal<Chosen | null>(null);
/** The language whose channel is heard; `null` for the floor. */
export const language = signal<string | null>(null);
export const speed = signal(1);
/** Whether the next stretch is played when one has ended. */
export const playsOn = signal(false);
export const query = signal("");

/** The stretch in the player, with the link that was fetched last. */
export const inPlayer = computed<Stretch | null>(
  () => stretches.value?.find(({ id }) => id === chosen.value?.id) ?? null,
);

let ofRoom = "";
let fetchedAt = -Infinity;
let presses = 0;

/** Links end after twelve hours: a list this old is fetched anew before a link of it is used. */
const FRESH_MS = 6 * 3_600_000;

/** Forgets what another room has, and fetches what can be played of this one. */
export async function openRecordings(room: string): Promise<void> {
  if (room !== ofRoom)
    batch(() => {
      stretches.value = null;
      sittings.value = [];
      chosen.value = null;
      query.value = "";
    });
  ofRoom = room;
  await fetchRecordings();
}

/** Fetches the list with new links. True once it is there. */
export async function fetchRecordings(): Promise<boolean> {
  const room = ofRoom;
  try {
    const [speeches, takes, whole] = await authorized((token) =>
      Promise.all([recordedSpeeches(token, room), recordedTakes(token, room), recordedSittings(token, room)]),
    );
    if (room !== ofRoom) return false;
    fetchedAt = performance.now();
    batch(() => {
      stretches.value = stretchesOf(speeches, takes);
      sittings.value = whole;
      listFailed.value = null;
    });
    return true;
  } catch (error) {
    // A server that keeps no recordings has nothing to play, and that is no fault.
    if (room === ofRoom && error instanceof Refused && error.problem.status === 404) stretches.value = [];
    else if (room === ofRoom) listFailed.value = refusalWords(error);
    return false;
  }
}

/** Makes sure that the links still hold for a while. */
export async function freshLinks(): Promise<void> {
  if (performance.now() - fetchedAt > FRESH_MS) await fetchRecordings();
}

/** Plays a place. */
export function play({ stretch, positionMs }: Moment): void {
  void freshLinks().then(() => (chosen.value = { id: stretch.id, positionMs, press: (presses += 1) }));
}

/** Where an instant of the record can be seen; `null` where nothing was recorded. */
export function recordedAt(at: Date | null): Moment | null {
  return at && stretches.value ? momentAt(stretches.value, at.getTime()) : null;
}
