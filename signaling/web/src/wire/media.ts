import { apiUrl } from "./address";
import type { MediaItem } from "./generated/http";
import { Refused } from "./refused";

/** The upload was cancelled by its sender. */
export class Cancelled extends Error {}

/** The recordings of the media library. */
export async function recordings(token: string): Promise<MediaItem[]> {
  return (await ask(token, "/media")).json();
}

/** Removes a recording and its file. */
export async function removeRecording(token: string, id: string): Promise<void> {
  await ask(token, `/media/${encodeURIComponent(id)}`, "DELETE");
}

/** Asks for the answer of the media library. It may take a while: the disk is asked. */
async function ask(token: string, path: string, method = "GET"): Promise<Response> {
  const response = await fetch(apiUrl(path), {
    method,
    headers: { Accept: "application/json", Authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw Refused.of(await response.json().catch(() => null), response.status);
  return response;
}

/**
 * Sends a recording. `progress` is told the share that is sent, 0 to 1; the answer comes once the server has checked the
 * file to its end. Only an XMLHttpRequest says how much of a body was sent.
 */
export function addRecording(
  token: string,
  name: string,
  file: Blob,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<MediaItem> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${apiUrl("/media")}?name=${encodeURIComponent(name)}`);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
    request.onload = () =>
      request.status === 201 ? done(request.response) : fail(Refused.of(request.response, request.status));
    request.onerror = () => fail(new Error("the connection was lost"));
    request.onabort = () => fail(new Cancelled());
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
