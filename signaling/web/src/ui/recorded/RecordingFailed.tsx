import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import type { Room } from "../../model/types";
import { may } from "../../state/permissions";

/** For those who can start it again: that the recording has stopped by itself, and why. It stays until they have read it. */
export function RecordingFailed({ room }: { room: Room }) {
  const seen = useSignal<string | null>(null);
  const failed = room.recording_failed;
  if (!failed || room.recording || seen.value === failed.at || !may.value.has("record.start")) return null;
  const words = may.value.has("chair.take") ? "recorded.failed" : "recorded.failed_operator";
  return (
    <div class="note warn" role="alert" data-testid="recording-failed">
      <p>
        {t(words, {
          time: timeIn(new Date(failed.at)),
          reason: t(`recorded.reason.${failed.reason}`),
        })}
      </p>
      <div class="actions">
        <button type="button" onClick={() => (seen.value = failed.at)}>
          {t("recorded.seen")}
        </button>
      </div>
    </div>
  );
}
