import { matchLanguage } from "../i18n/match";

/** A subtitle, and the positions in the recording between which it is shown. */
export interface Cue {
  from_ms: number;
  to_ms: number;
  text: string;
}

/** No subtitles, as a choice. */
export const OFF = "off";
/** What a screen shows at once: who speaks over another one has a cue each. */
const MAX_SHOWN = 2;

/** The subtitles of a position, in the order in which they begin. `cues` is in that order. */
export function cuesAt(cues: readonly Cue[], ms: number): Cue[] {
  return cues.filter(({ from_ms, to_ms }) => from_ms <= ms && ms < to_ms).slice(-MAX_SHOWN);
}

/** The language in which subtitles are shown; `null` if none are. */
export function shownLanguage(chosen: string, available: readonly string[]): string | null {
  return chosen === OFF ? null : matchLanguage(available, [chosen]);
}

/** The language of a hall: the one that its link names, else the first of the conference that there is. */
export function hallLanguage(
  named: string | null,
  ofConference: readonly string[],
  available: readonly string[],
): string | null {
  if (named !== null) return shownLanguage(named, available);
  for (const tag of ofConference) {
    const found = matchLanguage(available, [tag]);
    if (found) return found;
  }
  return null;
}
