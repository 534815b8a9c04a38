import { computed, signal } from "@preact/signals";
import { carriesInterpreter, chosenIn, FLOOR, type Sound } from "../model/channels";
import { keep, kept } from "../session/storage";
import { languageSlot, room, slots } from "./room";

const STORAGE_KEY = "plenary.sound";

/** The sound chosen last on this machine. It may be a language that this conference does not have. */
const chosen = signal<Sound>(kept("machine", STORAGE_KEY) ?? FLOOR);

/** What this participant listens to. */
export const sound = computed(() => chosenIn(room.value, chosen.value));

/** Whether an interpreter, or a recording in that language, is heard now in place of the floor, by what the server says that the slot carries. */
export const interpreted = computed(
  () => sound.value !== FLOOR && carriesInterpreter(slots.value.get(languageSlot.value)),
);

export function listenTo(to: Sound): void {
  chosen.value = to;
  keep("machine", STORAGE_KEY, to);
}

/** Plays a sound in this tab only, whatever this machine plays else: a display has the choice of its link. */
export function playHere(to: Sound): void {
  chosen.value = to;
}

/** The purpose of the slot of the language channel before a room is known. */
export function soundAtFirst(): Sound {
  return room.value ? sound.value : chosen.value;
}
