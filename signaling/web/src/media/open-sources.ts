import { sendsPictures, sendsSound, type May } from "../model/permissions";
import { camera, choice, microphone, openCamera, openMicrophone } from "./devices";

/** Opens what this participant sends, as chosen before. A device that cannot be opened is left out: a seat needs none. */
export async function openSources(may: May): Promise<void> {
  if (!sendsSound(may)) return;
  if (!microphone.value) await openMicrophone().catch(() => undefined);
  if (sendsPictures(may) && !camera.value && !choice.value.soundOnly) await openCamera().catch(() => undefined);
}
