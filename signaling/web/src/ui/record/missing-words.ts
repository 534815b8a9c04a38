import { t } from "../../i18n";
import { whyMissing } from "../../model/missing";
import type { Proceedings, RecordedSpeech } from "../../model/proceedings";

/** Why a speech cannot be played; `null` in a room that was never recorded. */
export function missingWords(record: Proceedings, speech: RecordedSpeech): string | null {
  const missing = whyMissing(record, speech);
  if (!missing) return null;
  if (missing.why === "stopped") return t("player.missing.stopped", { reason: t(`recorded.was.${missing.reason}`) });
  if (missing.why === "deleted")
    return t(missing.reason === "retention" ? "player.missing.deleted_retention" : "player.missing.deleted");
  return t(`player.missing.${missing.why}`);
}
