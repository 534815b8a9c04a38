import { apiUrl } from "./address";
import type { Link, MediaItem } from "./generated/http";
import { Refused } from "./refused";

/** The recordings of the media library. */
export async function recordings(token: string): Promise<MediaItem[]> {
  return (await ask(token, "/media")).json();
}

/** Removes a recording and its file. */
export async function removeRecording(token: string, id: string): Promise<void> {
  await ask(token, `/media/${encodeURIComponent(id)}`, "DELETE");
}

/** The address by which a player reads a recording, for some minutes. */
export async function recordingLink(token: string, id: string): Promise<URL> {
  const { path }: Link = await (await ask(token, `/media/${encodeURIComponent(id)}/link`, "POST")).json();
  return apiUrl(path);
}

/** Adds subtitles to a recording, or replaces those in that language. */
export async function setSubtitles(token: string, id: string, language: string, file: Blob): Promise<void> {
  await ask(token, subtitlesPath(id, language), "PUT", {}, file);
}

/** Removes the subtitles of a recording in a language. */
export async function removeSubtitles(token: string, id: string, language: string): Promise<void> {
  await ask(token, subtitlesPath(id, language), "DELETE");
}

function subtitlesPath(id: string, language: string): string {
  return `/media/${encodeURIComponent(id)}/subtitles/${encodeURIComponent(language)}`;
}

/** Asks for the answer of the media library. It may take a while: the disk is asked. */
export async function ask(
  token: string,
  path: string,
  method = "GET",
  headers: Record<string, string> = {},
  body?: Blob,
): Promise<Response> {
  const response = await fetch(apiUrl(path), {
    method,
    body,
    headers: { Accept: "application/json", Authorization: `Bearer ${token}`, ...headers },
  });
  if (!response.ok) throw Refused.of(await response.json().catch(() => null), response.status);
  return response;
}
