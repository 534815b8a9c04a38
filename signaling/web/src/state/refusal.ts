import { language, t } from "../i18n";
import { en, type Key } from "../i18n/en";
import { Refused } from "../wire/socket";

/**
 * Why something was refused, as a sentence. The server's own has the facts of the case, in English; in another
 * language the catalogue's sentence for the code is said.
 */
export function refusalWords(error: unknown): string {
  if (!(error instanceof Refused)) return t("trouble.unanswered");
  const { detail, code, status } = error.problem;
  if (language.value === "en" && detail) return detail;
  const key = status === 412 ? "refused.stale" : `refused.${code ?? ""}`;
  return key in en ? t(key as Key) : t("trouble.refused");
}
