import type { Language, PersonId, RequestId, Source } from "./generated/http";
import { answerOf } from "./http";

/** A take whose file is kept. */
export interface TakeListed {
  id: string;
  speech?: RequestId | null;
  participant: PersonId;
  source: Source;
  language?: Language | null;
  from: string;
  to: string;
  bytes: number;
  sha256: string;
  media_type: string;
  lost_packets?: number;
  recovered?: boolean;
  /** Ends after twelve hours. */
  url: string;
}

/** A speech of which something was recorded. */
export interface SpeechRecorded {
  speech: RequestId;
  participant: PersonId;
  from: string;
  to: string;
  duration_ms: number;
  languages: Language[];
  has_picture: boolean;
  /** Ends after twelve hours. */
  url: string;
}

/** What the recording of a room takes. */
export interface RecordingHealth {
  since: string;
  bytes: number;
  takes: number;
  bytes_per_hour: number;
  free_hours?: number | null;
}

/** The takes of a room that are still there, each with a link that ends. */
export function recordedTakes(token: string, room: string): Promise<TakeListed[]> {
  return answerOf(token, `/rooms/${encodeURIComponent(room)}/recordings`);
}

/** The speeches of a room that can be played, each with a link that ends. */
export function recordedSpeeches(token: string, room: string): Promise<SpeechRecorded[]> {
  return answerOf(token, `/rooms/${encodeURIComponent(room)}/recordings/speeches`);
}
