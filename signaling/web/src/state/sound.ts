import { computed, signal } from "@preact/signals";
import { carriesInterpreter, chosenIn, FLOOR, type Sound } from "../model/channels";
import { languageLine, room, slots } from "./room";

const KEY = "plenary.sound";

/** The sound that was chosen last on this machine; it may be a language that this conference has not. */
const kept = signal<Sound>(localStorage.getItem(KEY) ?? FLOOR);

/** What this person listens to. */
export const sound = computed(() => chosenIn(room.value, kept.value));

/** Whether an interpreter is heard now, so that the floor is not: by what the server says that it sends. */
export const interpreted = computed(() => sound.value !== FLOOR && carriesInterpreter(slots.value.get(languageLine.value)));

export function listenTo(to: Sound): void {
  kept.value = to;
  localStorage.setItem(KEY, to);
}

/** Before a room is known, what its line will be wanted for. */
export function soundAtFirst(): Sound {
  return room.value ? sound.value : kept.value;
}
