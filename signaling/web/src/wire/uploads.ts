import { apiUrl } from "./address";
import type { MediaUpload } from "./generated/http";
import { ask } from "./media";
import { Refused } from "./refused";

const VERSION = { "Tus-Resumable": "1.0.0" };

/** One's own uploads: the unfinished ones, and what came of the others. */
export async function uploads(token: string): Promise<MediaUpload[]> {
  return (await ask(token, "/media/uploads")).json();
}

/** Begins to send a file in parts (tus 1.0). */
export async function createUpload(token: string, metadata: string, bytes: number): Promise<MediaUpload> {
  const headers = { ...VERSION, "Upload-Length": `${bytes}`, "Upload-Metadata": metadata };
  return (await ask(token, "/media/uploads", "POST", headers)).json();
}

/** How far an upload is. */
export async function uploadState(token: string, id: string): Promise<MediaUpload> {
  return (await ask(token, path(id))).json();
}

/** Cancels an upload, and removes what was received of it. */
export async function removeUpload(token: string, id: string): Promise<void> {
  await ask(token, path(id), "DELETE", VERSION);
}

/**
 * Sends the next part of an upload. `progress` is told how much of it has left. The answer to the last part comes once the
 * server has checked the file. Only an XMLHttpRequest says how much of a body was sent.
 */
export function sendPart(
  token: string,
  id: string,
  offset: number,
  part: Blob,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("PATCH", apiUrl(path(id)));
    const headers = {
      Authorization: `Bearer ${token}`,
      Accept: "application/json",
      "Content-Type": "application/offset+octet-stream",
      "Upload-Offset": `${offset}`,
      ...VERSION,
    };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded }) => progress(loaded);
    request.onload = () => (request.status === 204 ? done() : fail(Refused.of(request.response, request.status)));
    request.onerror = () => fail(new Error("the connection was lost"));
    request.onabort = () => fail(new Error("it was cancelled"));
    if (signal.aborted) return fail(new Error("it was cancelled"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(part);
  });
}

function path(id: string): string {
  return `/media/uploads/${encodeURIComponent(id)}`;
}
