import { computed, effect } from "@preact/signals";
import { t } from "../i18n";
import { isTrouble, type MicrophoneState } from "../model/live-state";
import { ownMicrophone } from "./live-state";
import { announce } from "./notices";
import { connected, room, you } from "./room";

/** Why the participant on stage is not heard; `null` while there is nothing to be said. */
export const ownTrouble = computed((): MicrophoneState | null => {
  const state = connected.value && isOnStage() ? ownMicrophone.value : null;
  return state && isTrouble(state) ? state : null;
});

/** Called once: tells a screen reader when the participant on stage is not heard. Other causes are announced where they arise. */
export function watchSelf(): void {
  effect(() => {
    const trouble = ownTrouble.value;
    if (trouble === "off" || trouble === "nothing") announce(t(`live.microphone.${trouble}`), "assertive");
  });
}

function isOnStage(): boolean {
  const floor = room.value?.floor;
  const me = you.value?.person;
  const holds =
    floor?.granted.some((r) => r.beneficiary === me && r.kind !== "address" && r.substate !== "suspended") ?? false;
  return holds || (floor?.chair_priority === true && floor.chair === me);
}
