import { computed, signal } from "@preact/signals";
import { camera, cameraSource, choice, microphone, microphoneOpen, microphoneSource } from "../media/devices";
import { cameraState, microphoneState, receive } from "../model/live-state";
import { reception, room, you } from "./room";
import { stopwatch } from "./server-clock";
import { roomMicrophone } from "./talks";

const LOOK_MS = 500;

/** The stopwatch, read anew so often that a state is never long out of date. */
const now = signal(stopwatch());
setInterval(() => (now.value = stopwatch()), LOOK_MS);

microphoneOpen.subscribe((on) => {
  if (on) reception.value = receive(reception.peek(), { type: "turned_on" }, stopwatch());
});

/** Whether the room gets nothing of a microphone that is there, because of a side talk. */
const isAside = computed(() => microphone.value !== null && roomMicrophone.value === null);
isAside.subscribe((aside) => {
  if (!aside) reception.value = receive(reception.peek(), { type: "turned_on" }, stopwatch());
});

const isPublishing = () => you.value?.publishing !== false;

/** What may be said of this device's microphone. */
export const ownMicrophone = computed(() =>
  microphoneState(
    {
      source: microphoneSource.state.value,
      on: microphoneOpen.value && microphone.value !== null,
      publishing: isPublishing(),
      aside: isAside.value,
      mutedByChair: room.value?.participants.some((p) => p.person === you.value?.person && p.muted) === true,
    },
    reception.value,
    now.value,
  ),
);

/** What may be said of this device's camera. */
export const ownCamera = computed(() =>
  cameraState(
    {
      source: cameraSource.state.value,
      on: camera.value !== null && choice.value.soundOnly !== true,
      publishing: isPublishing(),
    },
    reception.value,
    now.value,
  ),
);
