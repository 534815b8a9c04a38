import { t, type Key } from "../../i18n";

/** What the server itself gives as a reason, in English like the log; people's own words stay as they were said. */
const OWN: Record<string, Key> = {
  "The next speaker was called.": "reason.next",
  "Replaced by the next speaker.": "reason.replaced",
  absent: "reason.absent",
};

export function reasonWords(reason: string): string {
  const key = OWN[reason];
  return key ? t(key) : reason;
}
