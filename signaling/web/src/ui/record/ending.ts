import { t, type Key } from "../../i18n";
import type { RecordedSpeech } from "../../model/proceedings";
import type { RevokeRule } from "../../wire/generated/socket";

/** The rules of order by which the floor is taken, as the record names them. */
const RULES: Record<RevokeRule, Key> = {
  "The next speaker was called.": "how.next",
  "Replaced by the next speaker.": "how.replaced",
  "The conference no longer gives this person the floor.": "how.not_entitled",
  "The time and its grace are used up.": "how.time_used_up",
  "The recording was stopped.": "how.recording_stopped",
};

/** How a speech ended, and the word that a person gave for it. A rule of order is how it ended, and no person's word. */
export function endingOf({ how, reason }: Pick<RecordedSpeech, "how" | "reason">): {
  how: string;
  word: string | null;
} {
  if (!how) return { how: t("how.speaking"), word: null };
  const rule = how === "revoked" && reason ? Object.entries(RULES).find(([said]) => said === reason)?.[1] : undefined;
  if (rule) return { how: t(rule), word: null };
  // The program's own reason for passing somebody over, which the words for it have in them.
  return { how: t(`how.${how}`), word: how === "passed" ? null : (reason ?? null) };
}
