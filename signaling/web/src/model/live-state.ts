import type { Cause, Speech } from "./types";
import type { SourceState } from "./source";

/** What the server says of this device's own sound and picture, and since when, by the stopwatch of the page. */
export interface Reception {
  /** Whether packets of the microphone arrive; `null` until the server has said so. */
  microphone: boolean | null;
  microphoneSince: number;
  camera: boolean | null;
  cameraSince: number;
  /** The last level that the server measured, in dB relative to overload. */
  dbov: number;
  levelAt: number;
  /** When more than silence was heard last, and when a voice was. */
  soundAt: number;
  voiceAt: number;
  /** Since when something could be heard at all. */
  expectedSince: number;
}

export type ReceptionInput =
  | { type: "level"; dbov: number }
  | { type: "received"; microphone: boolean; camera: boolean }
  /** The participant has turned the microphone on: nothing could be heard before. */
  | { type: "turned_on" };

export const NO_RECEPTION: Reception = {
  microphone: null,
  microphoneSince: 0,
  camera: null,
  cameraSince: 0,
  dbov: -127,
  levelAt: -Infinity,
  soundAt: -Infinity,
  voiceAt: -Infinity,
  expectedSince: -Infinity,
};

/** A microphone that works has noise; below this it gives nothing. */
const SILENCE_DBOV = -90;
/** A lower level is no voice. */
export const VOICE_DBOV = -50;
/** A change of source takes a moment to reach the server, so nothing is said of it before. */
const SETTLING_MS = 2_000;
/** For so long a microphone that works is never silent. */
const SILENCE_MS = 5_000;
/** A pause in a speech may be that long. */
const PAUSE_MS = 12_000;

/** The reception after a message of the server, `at` by the stopwatch. */
export function receive(state: Reception, input: ReceptionInput, at: number): Reception {
  switch (input.type) {
    case "level":
      return {
        ...state,
        dbov: input.dbov,
        levelAt: at,
        soundAt: input.dbov > SILENCE_DBOV ? at : state.soundAt,
        voiceAt: input.dbov > VOICE_DBOV ? at : state.voiceAt,
      };
    case "received":
      return {
        ...state,
        microphone: input.microphone,
        microphoneSince: input.microphone === state.microphone ? state.microphoneSince : at,
        camera: input.camera,
        cameraSince: input.camera === state.camera ? state.cameraSince : at,
        expectedSince: input.microphone && !state.microphone ? at : state.expectedSince,
      };
    case "turned_on":
      return { ...state, microphoneSince: at, expectedSince: at };
  }
}

/** What may be said of the own microphone. Only `live` and `quiet` mean that the server hears it. */
export type MicrophoneState =
  | "live"
  /** It is heard, and no voice with it. */
  | "quiet"
  /** It is on, and the server hears nothing. */
  | "nothing"
  /** It was turned on a moment ago, and the server does not hear it yet. */
  | "checking"
  /** It is on, and the server has not said whether it hears it. */
  | "unknown"
  | "off"
  | "lost"
  | "device_silent"
  | "muted"
  /** It is heard by the other one of a side talk alone. */
  | "aside"
  | "elsewhere";

/** What this device knows by itself of a microphone or a camera. */
export interface OwnSource {
  source: SourceState;
  /** Whether the participant wants it to be heard or seen. */
  on: boolean;
  /** Whether this is the device that publishes. */
  publishing: boolean;
}

export function microphoneState(
  own: OwnSource & { mutedByChair: boolean; aside?: boolean },
  reception: Reception,
  now: number,
): MicrophoneState {
  if (!own.publishing) return "elsewhere";
  if (own.aside) return "aside";
  if (own.mutedByChair) return "muted";
  const here = stateHere(own);
  if (here) return here;
  if (reception.microphone === null) return "unknown";
  if (!reception.microphone) return now - reception.microphoneSince < SETTLING_MS ? "checking" : "nothing";
  const { soundAt, voiceAt, expectedSince } = reception;
  if (now - Math.max(soundAt, expectedSince) >= SILENCE_MS) return "nothing";
  if (soundAt < expectedSince) return "checking";
  return now - Math.max(voiceAt, expectedSince) >= PAUSE_MS ? "quiet" : "live";
}

export type CameraState = "seen" | "checking" | "unknown" | "nothing" | "off" | "lost" | "device_silent" | "elsewhere";

export function cameraState(own: OwnSource, reception: Reception, now: number): CameraState {
  if (!own.publishing) return "elsewhere";
  const here = stateHere(own);
  if (here) return here;
  if (reception.camera === null) return "unknown";
  if (reception.camera) return "seen";
  return now - reception.cameraSince < SETTLING_MS ? "checking" : "nothing";
}

/** Why nothing can leave this device; `null` if something can. */
function stateHere({ source, on }: OwnSource): "off" | "lost" | "device_silent" | null {
  if (source.phase === "lost" || source.phase === "retrying" || source.phase === "replacing") return "lost";
  if (!on || source.phase !== "on") return "off";
  return source.silent ? "device_silent" : null;
}

/** Whether the room hears this participant now, as far as this page can know. */
export function isHeard(state: MicrophoneState): boolean {
  return state === "live" || state === "quiet";
}

/** Whether something is wrong that a participant who is on stage has to know at once. */
export function isTrouble(state: MicrophoneState | CameraState): boolean {
  return !["live", "quiet", "seen", "checking", "unknown", "aside", "elsewhere"].includes(state);
}

/** What may be said to the participant who has the floor, the chair or a channel. */
export type SpeakerState =
  /** The connection is lost: nothing is said that only the server knows. */
  { says: "kept" } | { says: "suspended"; cause: Cause } | { says: "microphone"; microphone: MicrophoneState };

export function speakerState(speech: Speech | null, connected: boolean, microphone: MicrophoneState): SpeakerState {
  if (!connected) return { says: "kept" };
  const cause = speech?.suspended_by?.[0];
  return cause ? { says: "suspended", cause } : { says: "microphone", microphone };
}
