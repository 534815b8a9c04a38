import { Mic, MicOff, MonitorUp, MonitorX, Video as VideoIcon, VideoOff } from "lucide";
import { t } from "../i18n";
import { camera, microphone, microphoneOpen } from "../media/devices";
import { isTrouble } from "../model/live-state";
import { sendsPictures } from "../model/permissions";
import { isPlayed } from "../model/recording";
import { ownCamera, ownMicrophone } from "../state/live-state";
import { show } from "../state/notices";
import { toggleCamera, toggleMicrophone } from "../state/own-sources";
import { shape } from "../state/panels";
import { may } from "../state/permissions";
import { room, screenTrack, you } from "../state/room";
import { shortcutsOn } from "../state/shortcuts";
import { isAside, talkMuted } from "../state/talks";
import { MicrophoneMeter } from "./live/MicrophoneMeter";
import { DockButton } from "./shell/DockButton";

/** What this device sends: microphone, camera, screen. */
export function Sources() {
  const picture = sendsPictures(may.value);
  return (
    <>
      <MicrophoneButton />
      {picture && <CameraButton />}
      {picture && "getDisplayMedia" in (navigator.mediaDevices ?? {}) && <ScreenButton />}
    </>
  );
}

function MicrophoneButton() {
  const muted = room.value?.participants.find((p) => p.person === you.value?.person)?.muted === true;
  const open = isAside.value ? !talkMuted.value : microphoneOpen.value;
  const on = open && microphone.value !== null;
  const state = ownMicrophone.value;
  const played = room.value !== null && isPlayed(room.value.floor, you.value?.person);
  const trouble = state !== "off" && isTrouble(state);
  return (
    <DockButton
      icon={on && !muted ? Mic : MicOff}
      words={t(
        muted
          ? "dock.muted"
          : shape.value === "narrow" || shape.value === "flat"
            ? "dock.microphone_short"
            : "dock.microphone",
      )}
      name={t("live.button", {
        source: t("dock.microphone"),
        state: played ? t("recording.yours") : t(`live.microphone.${state}`),
      })}
      pressed={on}
      tone={muted || trouble ? "trouble" : on ? undefined : "off"}
      testid="dock-microphone"
      keys={shortcutsOn.value ? "M" : undefined}
      keepsFocus
      onClick={() => void toggleMicrophone()}
    >
      <MicrophoneMeter />
    </DockButton>
  );
}

function CameraButton() {
  const on = camera.value !== null;
  const state = ownCamera.value;
  const trouble = state !== "off" && isTrouble(state);
  return (
    <DockButton
      icon={on ? VideoIcon : VideoOff}
      words={t("dock.camera")}
      name={t("live.button", { source: t("dock.camera"), state: t(`live.camera.${state}`) })}
      pressed={on}
      tone={trouble ? "trouble" : on ? undefined : "off"}
      testid="dock-camera"
      keys={shortcutsOn.value ? "V" : undefined}
      onClick={() => void toggleCamera()}
    />
  );
}

function ScreenButton() {
  const on = screenTrack.value !== null;
  return (
    <DockButton
      icon={on ? MonitorX : MonitorUp}
      words={t("dock.screen")}
      name={t(on ? "self.share_stop" : "self.share")}
      pressed={on}
      tone={on ? "active" : undefined}
      testid="share-screen"
      onClick={() => void toggleScreen()}
    />
  );
}

async function toggleScreen(): Promise<void> {
  if (screenTrack.value) return stopScreen();
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 10 } });
    const track = stream.getVideoTracks()[0] ?? null;
    track?.addEventListener("ended", () => {
      if (screenTrack.value !== track) return;
      stopScreen();
      show(t("self.share_ended"));
    });
    screenTrack.value = track;
  } catch {
    show(t("self.share_failed"), "refused");
  }
}

function stopScreen(): void {
  screenTrack.value?.stop();
  screenTrack.value = null;
}
