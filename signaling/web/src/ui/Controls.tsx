import { t } from "../i18n";
import { camera, cameraOn, choice, choose, closeCamera, microphone, microphoneOn, openCamera } from "../media/devices";
import { sends } from "../media/open-sources";
import { mayRaisePoint, mayReply } from "../model/main-action";
import { act, room, screenTrack, send, you } from "../state/room";
import { show } from "../state/notices";
import { MainButton } from "./MainButton";
import { NextButton } from "./NextButton";

/** The bar under the stage: the one main button, and one's own sources. */
export function Controls() {
  const me = you.value;
  const r = room.value;
  if (!me || !r) return null;
  return (
    <div class="controls">
      {sends(me.role) && <Sources />}
      <div class="decisive">{me.role === "moderator" ? <NextButton /> : <MainButton />}</div>
      <div class="more">
        {mayRaisePoint(r.floor, me) && <button type="button" onClick={() => void act("floor.request", { kind: "point_of_order" })}>{t("action.point")}</button>}
        {mayReply(r.floor, me) && <button type="button" onClick={() => void act("floor.request", { kind: "reply" })}>{t("action.reply")}</button>}
      </div>
    </div>
  );
}

function Sources() {
  return (
    <div class="sources">
      <button type="button" aria-pressed={microphoneOn.value} onClick={toggleMicrophone}>{t(microphoneOn.value ? "self.microphone_on" : "self.microphone_off")}</button>
      <button type="button" aria-pressed={camera.value !== null} onClick={() => void toggleCamera()}>{t(camera.value ? "self.camera_on" : "self.camera_off")}</button>
      <button type="button" aria-pressed={screenTrack.value !== null} onClick={() => void toggleScreen()}>{t(screenTrack.value ? "self.share_stop" : "self.share")}</button>
    </div>
  );
}

function toggleMicrophone(): void {
  microphoneOn.value = !microphoneOn.value;
  if (microphone.value) microphone.value.enabled = microphoneOn.value;
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
