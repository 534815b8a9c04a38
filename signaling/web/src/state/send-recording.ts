import { metadataOf, PART_BYTES, remedyFor, unfinishedOf } from "../model/upload";
import { backoffMs } from "../wire/backoff";
import type { MediaUpload } from "../wire/generated/http";
import { Refused } from "../wire/refused";
import { createUpload, removeUpload, sendPart, uploads, uploadState } from "../wire/uploads";
import { authorized } from "./session";
import { pauseOrWake } from "./wake";

/** The upload was cancelled by its sender. */
export class Cancelled extends Error {}

/** How far a recording is on its way. */
export interface Progress {
  phase: "sending" | "waiting" | "checking";
  /** How many bytes have left. */
  sent: number;
}

/**
 * Sends a recording in parts, and goes on by itself after a cut or a restart of the server, from where the server is.
 * Resolves once the server has checked the file and added it; rejects with the reason if it cannot be played.
 */
export async function sendRecording(
  name: string,
  file: File,
  progress: (now: Progress) => void,
  cancel: AbortSignal,
): Promise<MediaUpload> {
  let upload: MediaUpload | null = null;
  for (let failures = 0; ; failures += 1) {
    try {
      upload = upload ? await stateOf(upload.id) : await begin(name, file);
      while (true) {
        if (cancel.aborted) throw new Cancelled();
        if (upload.state === "added") return upload;
        if (upload.state === "refused")
          throw new Refused({ status: 415, code: "invalid", detail: upload.refused ?? "" });
        const at = upload.received;
        const left = file.size - at;
        progress({ phase: left > 0 ? "sending" : "checking", sent: at });
        await send(upload.id, file, at, progress, cancel);
        upload = await stateOf(upload.id);
        failures = 0;
      }
    } catch (error) {
      if (cancel.aborted) return await giveUp(upload);
      const remedy = remedyFor(error instanceof Refused ? (error.problem.status ?? null) : null);
      if (error instanceof Cancelled || remedy === "give_up") throw error;
      if (remedy === "begin_anew") upload = null;
      progress({ phase: "waiting", sent: upload?.received ?? 0 });
      await pauseOrWake(backoffMs(failures));
    }
  }
}

/** An unfinished upload of the same file is gone on with, also after the page was closed. */
async function begin(name: string, file: File): Promise<MediaUpload> {
  const unfinished = unfinishedOf(file, await authorized(uploads));
  return unfinished ?? authorized((token) => createUpload(token, metadataOf(name, file), file.size));
}

function stateOf(id: string): Promise<MediaUpload> {
  return authorized((token) => uploadState(token, id));
}

async function send(
  id: string,
  file: File,
  at: number,
  progress: (now: Progress) => void,
  cancel: AbortSignal,
): Promise<void> {
  const part = file.slice(at, at + PART_BYTES);
  const told = (bytes: number) => {
    const sent = Math.min(at + bytes, file.size);
    progress({ phase: sent < file.size ? "sending" : "checking", sent });
  };
  await authorized((token) => sendPart(token, id, at, part, told, cancel));
}

async function giveUp(upload: MediaUpload | null): Promise<never> {
  // One that cannot be removed now is removed by the server in a day.
  if (upload) await authorized((token) => removeUpload(token, upload.id)).catch(() => undefined);
  throw new Cancelled();
}
