import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { meter } from "../media/meter";

/** A level above this line is a clear voice. */
const CLEAR_VOICE_LEVEL = 0.45;

/** The microphone's level against a line. */
export function Level({ track }: { track: MediaStreamTrack | null }) {
  const level = useSignal(0);
  const heard = useSignal(false);
  useEffect(() => {
    if (!track) return;
    return meter(track, (value) => {
      level.value = value;
      if (value > CLEAR_VOICE_LEVEL) heard.value = true;
    });
  }, [track]);
  return (
    <>
      <div class="level-box">
        <meter class="level" aria-label={t("check.level")} min={0} max={1} value={level.value} />
      </div>
      <p class="dim">{heard.value ? t("check.heard") : t("check.speak")}</p>
    </>
  );
}
