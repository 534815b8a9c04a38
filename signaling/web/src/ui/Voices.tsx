import { useEffect, useMemo, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { t } from "../i18n";
import { devices, speaker as speakerInUse } from "../media/devices";
import { onSpeaker } from "../media/speaker";
import { volumes } from "../media/volume";
import { DUCKED } from "../model/talks";
import { languageSlot, tracks, voices } from "../state/room";
import { interpreted } from "../state/sound";
import { isAside } from "../state/talks";

/**
 * The audio slots: three voices of the floor, and the chosen language channel. While an interpreter is heard the floor
 * is muted, because not every browser lets a page turn it down. A browser may block sound until the page is touched:
 * then a button turns it on.
 */
export function Voices() {
  const blocked = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  const play = () =>
    box.current?.querySelectorAll("audio").forEach(
      (audio) =>
        void audio.play().then(
          () => (blocked.value = false),
          (e: Error) => (blocked.value = e.name === "NotAllowedError"),
        ),
    );
  const all = tracks.value;
  const floor = voices.value;
  const language = languageSlot.value;
  const mids = useMemo(() => [0, 1, 2].map((i) => floor[i] ?? "").concat(language), [floor, language]);
  const chosen = speakerInUse.value;
  // A speaker that is gone is replaced by the default one; otherwise the browser would play to nobody.
  const speaker = devices.value.some((device) => device.kind === "audiooutput" && device.deviceId === chosen)
    ? chosen
    : undefined;
  useEffect(() => {
    box.current?.querySelectorAll("audio").forEach((audio, i) => {
      const track = all.get(mids[i] ?? "");
      audio.srcObject = track ? new MediaStream([track]) : null;
    });
    if (all.size > 0) play();
  }, [all, mids]);
  useEffect(() => {
    box.current?.querySelectorAll("audio").forEach((audio) => onSpeaker(audio, speaker));
  }, [speaker]);
  // A side talk is understood over a room that is turned down, and the participant still hears when called.
  const share = isAside.value ? DUCKED : 1;
  const [ofFloor, ofChannel] = [volumes.value.floor * share, volumes.value.channel * share];
  useEffect(() => {
    box.current?.querySelectorAll("audio").forEach((audio, i) => (audio.volume = i < 3 ? ofFloor : ofChannel));
  }, [ofFloor, ofChannel]);
  return (
    <div ref={box} class="voices">
      {[0, 1, 2].map((i) => (
        <audio key={i} data-testid={`voice-${i}`} autoplay muted={interpreted.value} />
      ))}
      <audio data-testid="voice-language" autoplay muted={!interpreted.value} />
      {blocked.value && (
        <p class="banner">
          {t("room.sound_blocked")}{" "}
          <button type="button" onClick={play}>
            {t("room.sound_allow")}
          </button>
        </p>
      )}
    </div>
  );
}
