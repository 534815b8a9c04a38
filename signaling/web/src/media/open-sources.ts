import { sendsPictures, sendsSound, type May } from "../model/permissions";
import { camera, cameraSource, choice, microphone, microphoneSource } from "./devices";

/** Opens what this participant sends, as chosen before. A device that cannot be opened is left out: a seat needs none. */
export async function openSources(may: May): Promise<void> {
  if (!sendsSound(may)) return;
  if (!microphone.value) await microphoneSource.open();
  if (sendsPictures(may) && !camera.value && !choice.value.soundOnly) await cameraSource.open();
}

/** Lets go of the devices of a participant who has gone. */
export function closeSources(): void {
  microphoneSource.close();
  cameraSource.close();
}
