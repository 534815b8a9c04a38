import { matchLanguage } from "../i18n/match";
import type { Decision, Room } from "./types";

/** How long the result of a decision is shown after it was declared. */
export const RESULT_SHOWN_MS = 120_000;
/** How long each language is shown before the next one takes its turn. */
export const LANGUAGE_TURN_MS = 20_000;
/** After how long a page is loaded anew in a quiet moment, so that nothing that a browser leaks adds up over a week. */
export const RENEW_PAGE_MS = 24 * 3_600_000;

/** The decision that a hall shows: the open one, else the last that was declared a moment ago. */
export function shownDecision(decisions: readonly Decision[], now: number): Decision | null {
  const open = decisions.find((decision) => decision.state === "open");
  if (open) return open;
  const last = decisions.at(-1);
  if (!last?.closed_at || last.state !== "closed") return null;
  return now - Date.parse(last.closed_at) < RESULT_SHOWN_MS ? last : null;
}

/** Whether nobody would miss the picture for the moment that a page takes to load. */
export function isQuiet(room: Room, now: number): boolean {
  return room.floor.granted.length === 0 && !room.floor.chair_priority && shownDecision(room.decisions, now) === null;
}

/**
 * The interface languages that a hall shows in turn: the one that its link names, else those of the conference, each in the
 * spelling of the page's own folders. A language that the page does not have is left out.
 */
export function languagesInTurn(
  named: string | null,
  ofConference: readonly string[],
  available: readonly string[],
  fallback: string,
): string[] {
  const one = named && matchLanguage(available, [named]);
  if (one) return [one];
  const all = ofConference.map((tag) => matchLanguage(available, [tag])).filter((tag) => tag !== null);
  return all.length > 0 ? [...new Set(all)] : [fallback];
}
