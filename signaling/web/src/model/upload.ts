import type { MediaUpload } from "../wire/generated/http";

/** What is sent in one request: a proxy may keep a whole request before it passes it on, and refuse a large one. */
export const PART_BYTES = 4 * 1024 * 1024;

/** What a file is known by again, when its sender chooses it once more. */
export interface FileFacts {
  name: string;
  size: number;
  lastModified: number;
}

/** The `Upload-Metadata` of a file: the recording's name, and by what the file is known again. */
export function metadataOf(name: string, file: FileFacts): string {
  return [pair("name", name), ...facts(file)].join(",");
}

/** The unfinished upload of this very file, which is gone on with. */
export function unfinishedOf(file: FileFacts, uploads: readonly MediaUpload[]): MediaUpload | null {
  const known = (upload: MediaUpload) => {
    const pairs = new Set((upload.metadata ?? "").split(","));
    return upload.bytes === file.size && facts(file).every((fact) => pairs.has(fact));
  };
  return uploads.find((upload) => isUnfinished(upload) && known(upload)) ?? null;
}

export function isUnfinished({ state }: MediaUpload): boolean {
  return state === "receiving" || state === "checking";
}

/** What is done about a part that was not taken. */
export type Remedy =
  /** Ask where the server is, and go on from there. */
  | "go_on"
  /** The server no longer knows the upload: begin anew. */
  | "begin_anew"
  /** It would be refused again. */
  | "give_up";

/** A refusal by its status; `null` for a connection that broke. */
export function remedyFor(status: number | null): Remedy {
  // 507: the disk is full, which no repetition mends.
  if (status === null || status === 409 || status === 423 || status === 429 || (status >= 500 && status !== 507))
    return "go_on";
  return status === 404 || status === 410 ? "begin_anew" : "give_up";
}

function facts({ name, size, lastModified }: FileFacts): string[] {
  return [pair("filename", name), pair("size", `${size}`), pair("modified", `${lastModified}`)];
}

function pair(key: string, value: string): string {
  const bytes = new TextEncoder().encode(value);
  return `${key} ${btoa(String.fromCharCode(...bytes))}`;
}
