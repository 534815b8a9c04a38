import { t } from "../i18n";
import { positionAt, positionText, type RecordedSpeech } from "../model/recording";
import { useNow } from "./useNow";

/** Where a recording is, behind the facts about it. */
export function Position({ speech }: { speech: RecordedSpeech }) {
  const at = positionAt(speech, useNow(500));
  return (
    <span data-testid="recording-position">
      {" "}
      · {t("recording.position", { at: positionText(at), of: positionText(speech.recorded.duration_ms) })}
    </span>
  );
}
