import { t } from "../i18n";
import {
  camera,
  cameraSource,
  choice,
  choose,
  microphone,
  microphoneOn,
  microphoneSource,
  muteMicrophone,
} from "../media/devices";
import { show } from "./notices";
import { isAside, toggleTalkMicrophone } from "./talks";

/** During a side talk it is the other one who hears the microphone or not, as nobody else does. */
export async function toggleMicrophone(): Promise<void> {
  if (isAside.value) return toggleTalkMicrophone();
  if (microphone.value) return muteMicrophone(microphoneOn.value);
  muteMicrophone(false);
  if (!(await microphoneSource.open())) show(t("check.microphone_failed"), "refused");
}

export async function toggleCamera(): Promise<void> {
  if (camera.value) {
    cameraSource.close();
    choose({ ...choice.value, soundOnly: true });
  } else if (await cameraSource.open()) choose({ soundOnly: false });
  else show(t("check.camera_failed"), "refused");
}
