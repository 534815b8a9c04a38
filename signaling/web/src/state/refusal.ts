import { DEFAULT_TAG, isKey, languageTag, t } from "../i18n";
import { Refused } from "../wire/refused";
import { room } from "./room";
import { conference } from "./session";
import { namedIn } from "../model/names";

/**
 * Why something was refused, as a sentence. The server's own is in English and has the facts of the case; another
 * language has a sentence for each code.
 */
export function refusalWords(error: unknown): string {
  if (!(error instanceof Refused)) return t("trouble.unanswered");
  const { detail, code, status } = error.problem;
  if (languageTag() === DEFAULT_TAG && detail) return withNames(detail);
  const key = status === 412 ? "refused.stale" : `refused.${code ?? ""}`;
  return isKey(key) ? t(key) : t("trouble.refused");
}

/** The server names people and cities by their ids; a participant reads their names. */
function withNames(detail: string): string {
  const everybody = [...(conference.value?.people ?? []), ...(room.value?.participants ?? [])];
  const people = everybody.map((p) => [p.person, namedIn(p)] as const);
  const cities = (conference.value?.delegations ?? []).map((d) => [d.id, namedIn(d)] as const);
  const names = new Map([...cities, ...people]);
  return detail.replace(/[a-z0-9]+(?:-[a-z0-9]+)*/g, (word) => names.get(word) ?? word);
}
