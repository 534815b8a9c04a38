import { t } from "../i18n";
import { camera, cameraOn, choice, choose, closeCamera, microphone, microphoneOn, openCamera, openMicrophone } from "../media/devices";
import { sendsPictures } from "../model/permissions";
import { show } from "../state/notices";
import { may } from "../state/permissions";
import { room, screenTrack, you } from "../state/room";
import { send } from "../state/seat";

/** What this device sends: microphone, camera, screen. */
export function Sources() {
  const muted = room.value?.participants.find((p) => p.person === you.value?.person)?.muted === true;
  const on = microphoneOn.value && microphone.value !== null;
  const picture = sendsPictures(may.value);
  return (
    <div class="sources">
      <button type="button" aria-pressed={on} onClick={() => void toggleMicrophone()}>{t(muted ? "self.muted_by_chair" : on ? "self.microphone_on" : "self.microphone_off")}</button>
      {picture && <button type="button" aria-pressed={camera.value !== null} onClick={() => void toggleCamera()}>{t(camera.value ? "self.camera_on" : "self.camera_off")}</button>}
      {picture && "getDisplayMedia" in (navigator.mediaDevices ?? {}) && <button type="button" aria-pressed={screenTrack.value !== null} data-testid="share-screen" onClick={() => void toggleScreen()}>{t(screenTrack.value ? "self.share_stop" : "self.share")}</button>}
    </div>
  );
}

async function toggleMicrophone(): Promise<void> {
  if (!microphone.value) {
    microphoneOn.value = true;
    await openMicrophone().catch(() => show(t("check.microphone_failed"), "refused"));
    return send("microphone", microphone.value);
  }
  microphoneOn.value = !microphoneOn.value;
  microphone.value.enabled = microphoneOn.value;
}

async function toggleCamera(): Promise<void> {
  if (camera.value) {
    closeCamera();
    choose({ ...choice.value, soundOnly: true });
  } else {
    cameraOn.value = true;
    await openCamera().then(() => choose({ soundOnly: false }), () => show(t("check.camera_failed"), "refused"));
  }
  send("camera", camera.value);
}

async function toggleScreen(): Promise<void> {
  if (screenTrack.value) return stopScreen();
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 10 } });
    const track = stream.getVideoTracks()[0] ?? null;
    track?.addEventListener("ended", stopScreen);
    screenTrack.value = track;
    send("screen", track);
  } catch {
    show(t("self.share_failed"), "refused");
  }
}

function stopScreen(): void {
  screenTrack.value?.stop();
  screenTrack.value = null;
  send("screen", null);
}
