import { computed, effect, signal } from "@preact/signals";
import { t } from "../i18n";
import { microphone, microphoneOpen } from "../media/devices";
import { METER_MS, meter } from "../media/meter";
import { mutedSpeech, NO_SPEECH, wouldBeHeard } from "../model/muted-speech";
import { announce } from "./notices";
import { connected, room, you } from "./room";
import { isAside } from "./talks";

const state = signal(NO_SPEECH);

/** Whether a participant whom the room would hear has turned the microphone off. Then this device listens, and sends nothing. */
const listens = computed(() => {
  const [r, me] = [room.value, you.value];
  if (!r || !me || !connected.value || microphoneOpen.value || isAside.value) return false;
  const mutedByChair = r.participants.some(({ person, muted }) => person === me.person && muted);
  return !mutedByChair && wouldBeHeard(r, me);
});

/** Whether the participant is to be told that they speak and are not heard. */
export const speaksMuted = computed(() => state.value.speaks && !state.value.dismissed);

export function dismissMutedSpeech(): void {
  state.value = mutedSpeech(state.value, { type: "dismissed" });
}

/** Called once: measures the microphone while it is off, and announces what the notice says. */
export function watchMutedSpeech(): void {
  effect(() => {
    const track = microphone.value;
    if (!track || !listens.value) return undefined;
    const stop = meter(
      track,
      (level) => (state.value = mutedSpeech(state.peek(), { type: "level", level, ms: METER_MS })),
    );
    return () => {
      stop();
      state.value = NO_SPEECH;
    };
  });
  effect(() => {
    if (speaksMuted.value) announce(t("muted.speaking"), "assertive");
  });
}
