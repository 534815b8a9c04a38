import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { milliseconds, percent } from "../../i18n/format";
import {
  camera,
  cameraSource,
  choice,
  choose,
  microphone,
  microphoneSource,
  speaker,
  useDevice,
  type DeviceSource,
} from "../../media/devices";
import { checkNetwork, stopCheck, type NoFigures } from "../../media/network-check";
import { checkPaths, type PathCheck } from "../../media/path-check";
import { canChooseSpeaker } from "../../media/speaker";
import { hasWebRtc } from "../../media/support";
import { playTone } from "../../media/tone";
import type { PathFigures } from "../../media/path";
import type { PathResult } from "../../model/network-paths";
import { sendsPictures, sendsSound } from "../../model/permissions";
import type { Role } from "../../model/types";
import { may } from "../../state/permissions";
import { freshToken, iceServers, token } from "../../state/session";
import { DeviceChoice } from "../DeviceChoice";
import { Level } from "../Level";
import { Video } from "../Video";
import { PathList } from "./PathList";

/** The device check: camera, microphone, speaker and network, each with what to do if it fails. */
export function Check({ room, role }: { room: string; role: Role }) {
  return (
    <div class="check">
      {sendsSound(may.value) ? (
        <>
          {sendsPictures(may.value) && <CameraCheck />}
          <MicrophoneCheck />
        </>
      ) : (
        <p>{t("check.no_sending", { role: t(`role.${role}`) })}</p>
      )}
      <SpeakerCheck />
      <NetworkCheck room={room} />
    </div>
  );
}

/** The same for the bearer of a check link, who has no role and no room: everything is tested. */
export function OpenCheck() {
  return (
    <div class="check">
      <CameraCheck />
      <MicrophoneCheck />
      <SpeakerCheck />
      <NetworkCheck room={null} />
    </div>
  );
}

function CameraCheck() {
  const open = () => void cameraSource.open();
  useEffect(() => {
    if (!choice.value.soundOnly && !camera.value) open();
  }, []);
  const failed = isWithout(cameraSource);
  const soundOnly = choice.value.soundOnly === true;
  const toggle = () => {
    choose({ soundOnly: !soundOnly });
    if (soundOnly) open();
    else cameraSource.close();
  };
  const words = soundOnly
    ? t("check.camera_off")
    : failed
      ? t("check.camera_failed")
      : camera.value
        ? t("check.camera_ok")
        : t("check.camera_wait");
  return (
    <div class="check-row">
      <h3>{t("check.camera")}</h3>
      <div>
        {camera.value && (
          <figure class="preview">
            <Video track={camera.value} label={t("check.camera")} mirrored />
            <figcaption>{t("check.mirrored")}</figcaption>
          </figure>
        )}
        <p role="status">{words}</p>
        {!soundOnly && (
          <DeviceChoice
            kind="videoinput"
            label={t("check.camera")}
            chosen={cameraSource.deviceId ?? choice.value.camera}
            choose={(id) => useDevice("camera", id)}
          />
        )}
        <button type="button" onClick={toggle}>
          {soundOnly ? t("check.with_camera") : t("check.sound_only")}
        </button>
      </div>
    </div>
  );
}

function MicrophoneCheck() {
  const open = () => void microphoneSource.open();
  useEffect(() => {
    if (!microphone.value) open();
  }, []);
  const failed = isWithout(microphoneSource);
  return (
    <div class="check-row">
      <h3>{t("check.microphone")}</h3>
      <div>
        {failed ? <p role="status">{t("check.microphone_failed")}</p> : <Level track={microphone.value} />}
        <DeviceChoice
          kind="audioinput"
          label={t("check.microphone")}
          chosen={microphoneSource.deviceId ?? choice.value.microphone}
          choose={(id) => useDevice("microphone", id)}
        />
      </div>
    </div>
  );
}

/** Whether a device that is wanted cannot be had. */
function isWithout(source: DeviceSource): boolean {
  return ["unavailable", "lost"].includes(source.state.value.phase);
}

function SpeakerCheck() {
  return (
    <div class="check-row">
      <h3>{t("check.speaker")}</h3>
      <div>
        <p>
          <button type="button" onClick={() => playTone(speaker.value)}>
            {t("check.play")}
          </button>{" "}
          <span class="dim">{t("check.speaker_hint")}</span>
        </p>
        {canChooseSpeaker && (
          <DeviceChoice
            kind="audiooutput"
            label={t("check.speaker")}
            chosen={speaker.value}
            choose={(id) => useDevice("speaker", id)}
          />
        )}
      </div>
    </div>
  );
}

function NetworkCheck({ room }: { room: string | null }) {
  const result = useSignal<Result>("testing");
  const paths = useSignal<PathResult[] | null>(null);
  const latest = useRef(0);
  const pathCheck = useRef<PathCheck | null>(null);
  const stop = () => {
    latest.current += 1;
    stopCheck();
    pathCheck.current?.stop();
  };
  const run = () => {
    stop();
    const nth = latest.current;
    result.value = "testing";
    paths.value = null;
    // A check that a later one has stopped has found nothing out.
    const isLatest = () => nth === latest.current;
    const end = (found: PathFigures | NoFigures) => {
      if (!isLatest() || found === "stopped") return;
      result.value = found;
      if (!hasWebRtc || found === "busy") return;
      // Afterwards, so that the figures are those of an idle line.
      pathCheck.current = checkPaths(token.value, room, iceServers.value);
      void pathCheck.current.results.then((results) => {
        if (!isLatest()) return;
        if (results === "busy") result.value = "busy";
        else if (results.length > 0) paths.value = results;
      });
    };
    void checkWithToken(room).then(end, () => end("no_path"));
  };
  useEffect(() => {
    run();
    return stop;
  }, [room]);
  return (
    <div class="check-row">
      <h3>{t("check.network")}</h3>
      <div>
        <p role="status" data-testid="network">
          {words(result.value, room)}
        </p>
        {paths.value && <PathList results={paths.value} />}
        <button type="button" onClick={run} disabled={result.value === "testing"}>
          {t("check.again")}
        </button>
      </div>
    </div>
  );
}

type Result = PathFigures | Exclude<NoFigures, "stopped"> | "testing";

/** A token that has run out while the page was put aside says nothing of the network. */
async function checkWithToken(room: string | null): Promise<PathFigures | NoFigures> {
  const found = await checkNetwork(token.value, room, iceServers.value);
  if (found !== "unauthorized") return found;
  await freshToken();
  return checkNetwork(token.value, room, iceServers.value);
}

function words(result: Result, room: string | null): string {
  if (result === "testing") return t("check.network_testing");
  if (result === "busy") return t("check.network_busy");
  if (typeof result === "string") {
    if (!hasWebRtc) return t("trouble.no_webrtc");
    return t(room === null ? "check.link_failed" : "check.network_failed");
  }
  const { rttMs, loss, protocol } = result;
  // What was not measured is not said.
  if (rttMs === null) return t("check.network_unmeasured", { path: protocol });
  if (protocol === "TCP") return t("check.network_tcp", { rtt: milliseconds(rttMs) });
  const parameters = { rtt: milliseconds(rttMs), path: protocol };
  const quality = rttMs < 250 && (loss ?? 0) < 0.02 ? "good" : "fair";
  return loss === null
    ? t(`check.network_${quality}_round_trip`, parameters)
    : t(`check.network_${quality}`, { ...parameters, loss: percent(loss) });
}
