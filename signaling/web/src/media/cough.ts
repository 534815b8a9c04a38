import { effect, signal } from "@preact/signals";
import { microphone, microphoneOpen } from "./devices";

/** Whether the cough button is held: nothing of the microphone is sent, and the channel stays the interpreter's. */
export const coughing = signal(false);

/** Silences the microphone at once, or lets it be heard again as it was before. */
export function cough(held: boolean): void {
  coughing.value = held;
}

// A track that is opened meanwhile is silent too.
effect(() => {
  const track = microphone.value;
  const enabled = microphoneOpen.value && !coughing.value;
  if (track && track.enabled !== enabled) track.enabled = enabled;
});
