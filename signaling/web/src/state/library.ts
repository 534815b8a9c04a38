import { signal } from "@preact/signals";
import { isUnfinished } from "../model/upload";
import type { MediaItem, MediaUpload } from "../wire/generated/http";
import { recordings, removeRecording, removeSubtitles as removeSubtitlesFile, setSubtitles } from "../wire/media";
import { Refused } from "../wire/refused";
import { removeUpload, uploads } from "../wire/uploads";
import { refusalWords } from "./refusal";
import { Cancelled, sendRecording, type Progress } from "./send-recording";
import { authorized } from "./session";

/** The recordings of the library; `null` until they were asked for. */
export const library = signal<MediaItem[] | null>(null);
/** One's own uploads that are not finished, but for the one on its way. */
export const unfinished = signal<MediaUpload[]>([]);
/** A recording on its way. It goes on when the panel is closed. */
export const upload = signal<({ name: string; bytes: number } & Progress) | null>(null);
/** Why the last request to the library was refused: a sentence, and the server's own where that is another. */
export const libraryRefusal = signal<{ words: string; detail: string | null } | null>(null);

let cancelling: AbortController | null = null;

/** Reads the list. One that cannot be read leaves what was known, and says why. */
export async function readLibrary(): Promise<void> {
  await attempt(async () => {
    library.value = await authorized(recordings);
    unfinished.value = upload.peek() ? [] : (await authorized(uploads)).filter(isUnfinished);
  });
}

/** Sends a recording. It is on the list once the server has checked it; false if it was refused or cancelled. */
export async function addToLibrary(name: string, file: File): Promise<boolean> {
  if (upload.peek()) return false;
  const cancel = (cancelling = new AbortController());
  const bytes = file.size;
  upload.value = { name, bytes, phase: "sending", sent: 0 };
  unfinished.value = [];
  const told = (now: Progress) => (upload.value = { name, bytes, ...now });
  const added = await attempt(() => sendRecording(name, file, told, cancel.signal));
  upload.value = null;
  const refused = libraryRefusal.peek();
  await readLibrary();
  libraryRefusal.value ??= refused;
  return added !== null;
}

/** Removes an upload that was not finished. */
export async function discardUpload(id: string): Promise<void> {
  await attempt(() => authorized((token) => removeUpload(token, id)));
  const refused = libraryRefusal.peek();
  await readLibrary();
  libraryRefusal.value ??= refused;
}

export function cancelUpload(): void {
  cancelling?.abort();
}

export async function removeFromLibrary(id: string): Promise<void> {
  await change((token) => removeRecording(token, id));
}

/** Adds subtitles to a recording, or replaces those in that language; whether the server took them. */
export function addSubtitles(id: string, language: string, file: Blob): Promise<boolean> {
  return change((token) => setSubtitles(token, id, language, file));
}

export async function removeSubtitles(id: string, language: string): Promise<void> {
  await change((token) => removeSubtitlesFile(token, id, language));
}

/** Changes the library and reads it again: another moderator may have changed it meanwhile. */
async function change(does: (token: string) => Promise<void>): Promise<boolean> {
  await attempt(() => authorized(does));
  const refused = libraryRefusal.peek();
  await readLibrary();
  libraryRefusal.value = refused;
  return refused === null;
}

async function attempt<T>(does: () => Promise<T>): Promise<T | null> {
  libraryRefusal.value = null;
  try {
    return await does();
  } catch (error) {
    if (error instanceof Cancelled) return null;
    const words = refusalWords(error);
    const detail = error instanceof Refused ? (error.problem.detail ?? null) : null;
    libraryRefusal.value = { words, detail: detail === words ? null : detail };
    return null;
  }
}
