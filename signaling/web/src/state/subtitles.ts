import { computed, effect, signal } from "@preact/signals";
import { recordedSpeech } from "../model/recording";
import { hallLanguage, OFF, shownLanguage, type Cue } from "../model/subtitles";
import { linkSetting } from "../session/invitation";
import { keep, kept } from "../session/storage";
import { subtitles as fetchSubtitles } from "../wire/http";
import { Refused } from "../wire/refused";
import { room } from "./room";
import { authorized, conference, screen } from "./session";

const STORAGE_KEY = "plenary.subtitles";
/** How long after a failure the subtitles are asked for again. */
const RETRY_MS = 5_000;

/** The language chosen last on this machine, or that none is wanted. */
const chosen = signal(kept("machine", STORAGE_KEY) ?? OFF);

/** The recording that the room plays. */
const playing = computed(() => (room.value ? recordedSpeech(room.value.floor) : null));
/** The languages of its subtitles. A change of anything else is no change of them. */
const languages = computed(() => (playing.value?.recorded.subtitles ?? []).join(" "));

/** The languages in which the recording that plays has subtitles. */
export const subtitleLanguages = computed(() => languages.value.split(" ").filter((tag) => tag !== ""));

/** The language in which subtitles are shown; `null` if none are. */
export const subtitleLanguage = computed(() => {
  const available = subtitleLanguages.value;
  if (screen.value !== "hall") return shownLanguage(chosen.value, available);
  return hallLanguage(linkSetting("subtitles"), conference.value?.languages ?? [], available);
});

export function showSubtitles(to: string): void {
  chosen.value = to;
  keep("machine", STORAGE_KEY, to);
}

/** What is shown of which recording in which language: a seek or a pause asks for nothing. */
const wanted = computed(() => {
  const language = subtitleLanguage.value;
  const speech = playing.value;
  return room.value && speech && language ? `${room.value.id} ${language} ${speech.request}` : "";
});

/** The subtitles of the recording that plays, in the language that is shown. */
export const cues = signal<readonly Cue[]>([]);

effect(() => {
  const of = wanted.value;
  cues.value = [];
  const [id, language] = of.split(" ");
  if (!id || !language) return undefined;
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const read = () =>
    authorized((token) => fetchSubtitles(token, id, language)).then(
      (found) => {
        if (!isOver) cues.value = found.cues;
      },
      (error: unknown) => {
        const isGone = error instanceof Refused && error.problem.status === 404;
        if (!isOver && !isGone) timer = setTimeout(read, RETRY_MS);
      },
    );
  void read();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
});
