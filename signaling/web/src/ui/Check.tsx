import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { milliseconds, percent } from "../i18n/format";
import { camera, choice, choose, closeCamera, microphone, openCamera, openMicrophone } from "../media/devices";
import { checkNetwork, stopCheck } from "../media/network-check";
import { canChooseSpeaker } from "../media/speaker";
import { playTone } from "../media/tone";
import type { PathFigures } from "../media/path";
import { sendsPictures, sendsSound } from "../model/permissions";
import type { Role } from "../model/types";
import { may } from "../state/permissions";
import { token } from "../state/session";
import { DeviceChoice } from "./DeviceChoice";
import { Level } from "./Level";
import { Video } from "./Video";

/** The device check: camera, microphone, speaker and network, each with what to do if it fails. */
export function Check({ room, role }: { room: string; role: Role }) {
  return (
    <div class="check">
      {sendsSound(may.value) ? <>{sendsPictures(may.value) && <CameraCheck />}<MicrophoneCheck /></> : <p>{t("check.no_sending", { role: t(`role.${role}`) })}</p>}
      <SpeakerCheck />
      <NetworkCheck room={room} />
    </div>
  );
}

function CameraCheck() {
  const failed = useSignal(false);
  const open = () => void openCamera().then(() => (failed.value = false), () => (failed.value = true));
  useEffect(() => {
    if (!choice.value.soundOnly && !camera.value) open();
  }, []);
  const soundOnly = choice.value.soundOnly === true;
  const toggle = () => {
    choose({ soundOnly: !soundOnly });
    if (soundOnly) open();
    else closeCamera();
  };
  const words = soundOnly ? t("check.camera_off") : failed.value ? t("check.camera_failed") : camera.value ? t("check.camera_ok") : t("check.camera_wait");
  return (
    <div class="check-row">
      <h3>{t("check.camera")}</h3>
      <div>
        {camera.value && <div class="preview"><Video track={camera.value} label={t("check.camera")} mirrored /></div>}
        <p role="status">{words}</p>
        {!soundOnly && <DeviceChoice kind="videoinput" label={t("check.camera")} chosen={choice.value.camera} choose={(id) => { choose({ camera: id }); open(); }} />}
        <button type="button" onClick={toggle}>{soundOnly ? t("check.with_camera") : t("check.sound_only")}</button>
      </div>
    </div>
  );
}

function MicrophoneCheck() {
  const failed = useSignal(false);
  const open = () => void openMicrophone().then(() => (failed.value = false), () => (failed.value = true));
  useEffect(() => {
    if (!microphone.value) open();
  }, []);
  return (
    <div class="check-row">
      <h3>{t("check.microphone")}</h3>
      <div>
        {failed.value ? <p role="status">{t("check.microphone_failed")}</p> : <Level track={microphone.value} />}
        <DeviceChoice kind="audioinput" label={t("check.microphone")} chosen={choice.value.microphone} choose={(id) => { choose({ microphone: id }); open(); }} />
      </div>
    </div>
  );
}

function SpeakerCheck() {
  const { speaker } = choice.value;
  return (
    <div class="check-row">
      <h3>{t("check.speaker")}</h3>
      <div>
        <p><button type="button" onClick={() => playTone(speaker)}>{t("check.play")}</button> <span class="dim">{t("check.speaker_hint")}</span></p>
        {canChooseSpeaker && <DeviceChoice kind="audiooutput" label={t("check.speaker")} chosen={speaker} choose={(id) => choose({ speaker: id })} />}
      </div>
    </div>
  );
}

function NetworkCheck({ room }: { room: string }) {
  const figures = useSignal<PathFigures | null | "testing">("testing");
  const run = () => {
    figures.value = "testing";
    void checkNetwork(token.value, room).then((f) => (figures.value = f), () => (figures.value = null));
  };
  useEffect(() => {
    run();
    return stopCheck;
  }, [room]);
  return (
    <div class="check-row">
      <h3>{t("check.network")}</h3>
      <div><p role="status" data-testid="network">{words(figures.value)}</p><button type="button" onClick={run} disabled={figures.value === "testing"}>{t("check.again")}</button></div>
    </div>
  );
}

function words(figures: PathFigures | null | "testing"): string {
  if (figures === "testing") return t("check.network_testing");
  if (!figures) return t("check.network_failed");
  const parameters = { rtt: milliseconds(figures.rttMs ?? 0), loss: percent(figures.loss), path: figures.protocol };
  if (figures.protocol === "TCP") return t("check.network_tcp", parameters);
  const good = (figures.rttMs ?? 0) < 250 && figures.loss < 0.02;
  return t(good ? "check.network_good" : "check.network_fair", parameters);
}
