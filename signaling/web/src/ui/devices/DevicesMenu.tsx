import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useReducer } from "preact/hooks";
import { t, type Key } from "../../i18n";
import { percent } from "../../i18n/format";
import {
  camera,
  cameraSource,
  choice,
  devices,
  microphone,
  microphoneOpen,
  microphoneSource,
  processes,
  readDevices,
  speaker,
  useDevice,
  type Processing,
} from "../../media/devices";
import { backgroundBlur, blurBackground, canChooseProcessing, setProcessing } from "../../media/processing";
import { canChooseSpeaker } from "../../media/speaker";
import { playTone } from "../../media/tone";
import { setVolumes, volumes, type Volumes } from "../../media/volume";
import { hasChoice } from "../../model/channels";
import { sendsPictures, sendsSound } from "../../model/permissions";
import { announce } from "../../state/notices";
import { may } from "../../state/permissions";
import { room } from "../../state/room";
import { DeviceChoice } from "../DeviceChoice";
import { Level } from "../Level";

type Part = "microphone" | "speaker" | "camera";

/** What could not be done, and where it is said. */
const refused = signal<{ part: Part; words: string } | null>(null);

/** Does what was chosen, or says that it cannot be done. */
async function attempt(part: Part, words: Key, does: () => Promise<boolean>): Promise<boolean> {
  refused.value = null;
  const done = await does();
  if (!done) {
    refused.value = { part, words: t(words) };
    announce(t(words), "assertive");
  }
  return done;
}

/** Microphone, speaker and camera in the room. Nothing here negotiates anew, and nobody loses the floor by it. */
export default function DevicesMenu() {
  useEffect(() => {
    refused.value = null;
    void readDevices().catch(() => undefined);
  }, []);
  return (
    <div class="devices-menu" data-testid="devices-menu">
      {sendsSound(may.value) && <MicrophonePart />}
      <SpeakerPart />
      {sendsSound(may.value) && sendsPictures(may.value) && <CameraPart />}
    </div>
  );
}

function MicrophonePart() {
  return (
    <PartOf
      part="microphone"
      title={t("check.microphone")}
      kind="audioinput"
      chosen={microphoneSource.deviceId ?? choice.value.microphone}
    >
      {microphone.value && <Level track={microphone.value} />}
      {microphone.value && !microphoneOpen.value && <p class="dim">{t("devices.level_muted")}</p>}
      {microphone.value && <ProcessingSwitch what="noiseSuppression" words={t("devices.noise_suppression")} />}
      {microphone.value && <ProcessingSwitch what="echoCancellation" words={t("devices.echo_cancellation")} />}
    </PartOf>
  );
}

function SpeakerPart() {
  return (
    <PartOf
      part="speaker"
      title={t("check.speaker")}
      kind={canChooseSpeaker ? "audiooutput" : null}
      chosen={speaker.value}
    >
      <p>
        <button type="button" onClick={() => playTone(speaker.value)}>
          {t("check.play")}
        </button>
      </p>
      <Volume of="floor" words={t("devices.volume_floor", { volume: percent(volumes.value.floor) })} />
      {room.value && hasChoice(room.value) && (
        <Volume of="channel" words={t("devices.volume_channel", { volume: percent(volumes.value.channel) })} />
      )}
    </PartOf>
  );
}

function CameraPart() {
  const [, draw] = useReducer((n: number, _: unknown) => n + 1, 0);
  const track = camera.value;
  // The system may have a switch of its own for the background.
  useEffect(() => {
    track?.addEventListener("configurationchange", draw);
    return () => track?.removeEventListener("configurationchange", draw);
  }, [track]);
  const blur = backgroundBlur(track);
  const change = async (box: HTMLInputElement) => {
    if (
      !(await attempt(
        "camera",
        "devices.blur_failed",
        async () => track !== null && blurBackground(track, box.checked),
      ))
    )
      box.checked = blur === true;
    draw(null);
  };
  return (
    <PartOf
      part="camera"
      title={t("check.camera")}
      kind="videoinput"
      chosen={cameraSource.deviceId ?? choice.value.camera}
    >
      {!track && <p class="dim">{t("devices.camera_off")}</p>}
      {blur !== null && <Switch words={t("devices.blur")} checked={blur} testid="background-blur" change={change} />}
    </PartOf>
  );
}

interface PartProps {
  part: Part;
  title: string;
  /** `null` where the browser offers no choice. */
  kind: MediaDeviceKind | null;
  chosen: string | undefined;
  children: ComponentChildren;
}

function PartOf({ part, title, kind, chosen, children }: PartProps) {
  const none = kind !== null && devices.value.length > 0 && !devices.value.some((device) => device.kind === kind);
  return (
    <section class="menu-part">
      <h2>{title}</h2>
      {kind && (
        <DeviceChoice
          kind={kind}
          label={title}
          chosen={chosen}
          always
          choose={(id) => attempt(part, "devices.unavailable", () => useDevice(part, id))}
        />
      )}
      {none && <p class="dim">{t("devices.none")}</p>}
      {refused.value?.part === part && (
        <p class="refusal" data-testid="device-refused">
          {refused.value.words}
        </p>
      )}
      {children}
    </section>
  );
}

function ProcessingSwitch({ what, words }: { what: Processing; words: string }) {
  if (!canChooseProcessing(what)) return null;
  const change = async (box: HTMLInputElement) => {
    if (!(await attempt("microphone", "devices.processing_failed", () => setProcessing(what, box.checked))))
      box.checked = processes(what);
  };
  return <Switch words={words} checked={processes(what)} testid={what} change={change} />;
}

function Switch({
  words,
  checked,
  testid,
  change,
}: {
  words: string;
  checked: boolean;
  testid: string;
  change(box: HTMLInputElement): Promise<void>;
}) {
  return (
    <label class="check-line">
      <input type="checkbox" checked={checked} data-testid={testid} onChange={(e) => void change(e.currentTarget)} />{" "}
      <span>{words}</span>
    </label>
  );
}

function Volume({ of, words }: { of: keyof Volumes; words: string }) {
  return (
    <label class="field">
      <span>{words}</span>
      <input
        type="range"
        min={0}
        max={1}
        step={0.05}
        value={volumes.value[of]}
        data-testid={`volume-${of}`}
        onInput={(e) => setVolumes({ [of]: Number(e.currentTarget.value) })}
      />
    </label>
  );
}
