import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { languageSlot, tracks, voices } from "../../state/room";
import { interpreted } from "../../state/sound";
import { soundByTouch } from "../../state/upgrade";

/** How often a browser that blocks sound is asked again: it may allow it after the first touch of any kind. */
const RETRY_MS = 10_000;

/** The sound of the floor, or of the channel that the link names. Where the browser blocks it, the page says what helps. */
export function HallSound() {
  const blocked = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  const all = tracks.value;
  const mids = [0, 1, 2].map((i) => voices.value[i] ?? "").concat(languageSlot.value);
  const play = () =>
    box.current?.querySelectorAll("audio").forEach(
      (audio) =>
        void audio.play().then(
          () => (blocked.value = false),
          (error: Error) => (blocked.value = error.name === "NotAllowedError"),
        ),
    );
  useEffect(() => {
    box.current?.querySelectorAll("audio").forEach((audio, i) => {
      const track = all.get(mids[i] ?? "");
      audio.srcObject = track ? new MediaStream([track]) : null;
    });
    if (all.size > 0) play();
  }, [all, mids.join()]);
  useEffect(() => {
    if (!blocked.value) return undefined;
    soundByTouch.value = true;
    const timer = setInterval(play, RETRY_MS);
    addEventListener("pointerdown", play);
    addEventListener("keydown", play);
    return () => {
      clearInterval(timer);
      removeEventListener("pointerdown", play);
      removeEventListener("keydown", play);
    };
  }, [blocked.value]);
  return (
    <div ref={box} class="hall-sound">
      {[0, 1, 2].map((i) => (
        <audio key={i} data-testid={`hall-voice-${i}`} autoplay muted={interpreted.value} />
      ))}
      <audio autoplay muted={!interpreted.value} />
      {blocked.value && <p role="status">{t("hall.sound_blocked")}</p>}
    </div>
  );
}
