import { t, type Key } from "../../i18n";

/** The server's own reasons, which the log has in English. A reason that a participant gave is shown as it is. */
const SERVER_REASONS: Record<string, Key> = {
  "The next speaker was called.": "reason.next",
  "Replaced by the next speaker.": "reason.replaced",
  absent: "reason.absent",
};

export function reasonWords(reason: string): string {
  const key = SERVER_REASONS[reason];
  return key ? t(key) : reason;
}
