import type { MediaItem } from "../wire/generated/http";
import { clockText } from "./clock";
import type { AgendaItem, Channel, Floor, Person, Speech } from "./types";

/** A speech that is a recording. */
export type RecordedSpeech = Speech & { recorded: NonNullable<Speech["recorded"]> };

/** How far *back* goes, and a key on the position. */
export const BACK_MS = 10_000;
export const STEP_MS = 5_000;
/** A recording that has stopped arriving mostly goes on by itself before anybody could answer a question. */
const UNASKED_MS = 3_000;

export function isRecorded(speech: Speech | null | undefined): speech is RecordedSpeech {
  return speech?.recorded != null;
}

/** The recording that a room plays. There is one at most. */
export function recordedSpeech(floor: Floor): RecordedSpeech | null {
  return (
    (floor.speeches.find((speech) => isRecorded(speech) && floor.granted.some(({ id }) => id === speech.request)) as
      RecordedSpeech | undefined) ?? null
  );
}

/** Whether a recording of this person is being played. Nothing is heard then from the person's own devices. */
export function isPlayed(floor: Floor, person: string | undefined): boolean {
  return person !== undefined && recordedSpeech(floor)?.speaker === person;
}

/** Whether a channel carries a recording's own sound in its language: while it plays, and nobody interprets. */
export function carriesRecording({ floor }: { floor: Floor }, { language, state }: Channel): boolean {
  const speech = recordedSpeech(floor);
  const plays = speech !== null && !speech.suspended_by?.length;
  return plays && state !== "interpreted" && (speech.recorded.languages ?? []).includes(language);
}

/** Where the recording is at `now`, the server's time in milliseconds. */
export function positionAt({ recorded, as_of }: RecordedSpeech, now: number): number {
  const since = recorded.running ? Math.max(0, now - Date.parse(as_of)) : 0;
  return Math.min(recorded.duration_ms, recorded.position_ms + (Number.isFinite(since) ? since : 0));
}

/** `3:10`, of a position or a length. A second is shown once it has been played. */
export function positionText(ms: number): string {
  return clockText(Math.floor(ms / 1000) * 1000);
}

/** A position that the server takes: within the recording, and before its end. */
export function seekable(ms: number, durationMs: number): number {
  return Math.round(Math.min(Math.max(0, ms), Math.max(0, durationMs - 1)));
}

/** That the recording does not play although it should: where it stands, and why, once the server has given up. */
export interface StandsStill {
  at: number;
  failure: string | null;
}

/** What the chair is asked about: a failure at once, and a stall once it has lasted. */
export function standsStill(speech: RecordedSpeech | null, now: number): StandsStill | null {
  const stall = speech?.recorded.stall;
  if (!speech || !stall) return null;
  if (!stall.failure && now - Date.parse(stall.since) < UNASKED_MS) return null;
  return { at: positionAt(speech, now), failure: stall.failure ?? null };
}

/** The name that a file gets in the library, until the moderator writes another. */
export function nameOfFile(fileName: string): string {
  return fileName
    .replace(/\.[A-Za-z0-9]{1,5}$/, "")
    .replace(/[_\s]+/g, " ")
    .trim();
}

/** The pictures, the largest first, such as `720p`; their codec; and the languages of the sound. */
export function tracksOf({ tracks }: Pick<MediaItem, "tracks">): {
  pictures: string[];
  codec: string | null;
  languages: string[];
} {
  const video = tracks.filter(({ kind }) => kind === "video");
  const languages = tracks.flatMap(({ kind, language }) => (kind === "audio" && language ? [language] : []));
  return {
    pictures: video.flatMap(({ height }) => (height ? [`${height}p`] : [])),
    codec: video[0]?.codec.toUpperCase() ?? null,
    languages: [...new Set(languages)],
  };
}

/** The persons who may be named as those who speak in a recording, in the order of their names. */
export function mayBePlayed(people: readonly Person[], room: string): Person[] {
  return people
    .filter(
      ({ role, rooms }) =>
        (role === "delegate" || role === "moderator") && (rooms.length === 0 || rooms.includes(room)),
    )
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** Whom the agenda names for a recording: the item that is on before the others. */
export function beneficiaryIn(items: readonly AgendaItem[], media: string): string {
  const naming = items.filter(({ recording }) => recording === media);
  return (naming.find(({ state }) => state === "on") ?? naming[0])?.beneficiary ?? "";
}
