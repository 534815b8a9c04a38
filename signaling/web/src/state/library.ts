import { signal } from "@preact/signals";
import type { MediaItem } from "../wire/generated/http";
import { addRecording, Cancelled, recordings, removeRecording } from "../wire/media";
import { Refused } from "../wire/refused";
import { refusalWords } from "./refusal";
import { authorized } from "./session";

/** The recordings of the library; `null` until they were asked for. */
export const library = signal<MediaItem[] | null>(null);
/** A recording on its way. It goes on when the panel is closed. */
export const upload = signal<{ name: string; share: number } | null>(null);
/** Why the last request to the library was refused: a sentence, and the server's own where that is another. */
export const libraryRefusal = signal<{ words: string; detail: string | null } | null>(null);

let cancelling: AbortController | null = null;

/** Reads the list. One that cannot be read leaves what was known, and says why. */
export async function readLibrary(): Promise<void> {
  await attempt(async () => (library.value = await authorized(recordings)));
}

/** Sends a recording. It is on the list once the server has checked it; `null` if it was refused or cancelled. */
export async function addToLibrary(name: string, file: Blob): Promise<MediaItem | null> {
  if (upload.peek()) return null;
  const cancel = (cancelling = new AbortController());
  upload.value = { name, share: 0 };
  const added = await attempt(() =>
    authorized((token) => addRecording(token, name, file, (share) => (upload.value = { name, share }), cancel.signal)),
  );
  upload.value = null;
  if (added) await readLibrary();
  return added;
}

export function cancelUpload(): void {
  cancelling?.abort();
}

export async function removeFromLibrary(id: string): Promise<void> {
  await attempt(() => authorized((token) => removeRecording(token, id)));
  // Another moderator may have removed it meanwhile.
  const refused = libraryRefusal.peek();
  await readLibrary();
  libraryRefusal.value = refused;
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
