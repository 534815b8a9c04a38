import { language, t } from "../i18n";
import { en, type Key } from "../i18n/en";
import { Refused } from "../wire/socket";
import { room } from "./room";
import { conference } from "./session";

/**
 * Why something was refused, as a sentence. The server's own has the facts of the case, in English; in another
 * language the catalogue's sentence for the code is said.
 */
export function refusalWords(error: unknown): string {
  if (!(error instanceof Refused)) return t("trouble.unanswered");
  const { detail, code, status } = error.problem;
  if (language.value === "en" && detail) return named(detail);
  const key = status === 412 ? "refused.stale" : `refused.${code ?? ""}`;
  return key in en ? t(key as Key) : t("trouble.refused");
}

/** The server calls people and cities by their ids; a person reads their names. */
function named(detail: string): string {
  const everybody = [...(conference.value?.people ?? []), ...(room.value?.participants ?? [])];
  const people = everybody.map((p) => [p.person, p.name] as const);
  const cities = (conference.value?.delegations ?? []).map((d) => [d.id, d.name] as const);
  const names = new Map([...cities, ...people]);
  return detail.replace(/[a-z0-9]+(?:-[a-z0-9]+)*/g, (word) => names.get(word) ?? word);
}
