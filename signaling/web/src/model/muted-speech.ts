import type { Room, You } from "./types";

/** Whether a participant speaks into a microphone that is off. */
export interface MutedSpeech {
  speaks: boolean;
  /** For how long it has been loud while nobody was said to speak, or quiet while somebody was. */
  ms: number;
  /** The participant has put the notice away; it comes back when they have stopped and speak again. */
  dismissed: boolean;
}

export type MutedSpeechInput =
  /** A level from 0 to 1, which stood for so long. */
  { type: "level"; level: number; ms: number } | { type: "dismissed" };

export const NO_SPEECH: MutedSpeech = { speaks: false, ms: 0, dismissed: false };

/** A lower level is a room and no voice. */
const VOICE_LEVEL = 0.4;
/** A cough is shorter. */
const BEGINS_MS = 600;
/** A pause between two sentences is shorter. */
const STOPS_MS = 4_000;

/** The state after a level or a press. What counts is interrupted, and not ended, by single levels of the other kind. */
export function mutedSpeech(state: MutedSpeech, input: MutedSpeechInput): MutedSpeech {
  if (input.type === "dismissed") return { ...state, dismissed: state.speaks };
  const changes = input.level > VOICE_LEVEL !== state.speaks;
  // Speech has gaps between syllables: what was counted shrinks in them. While it goes on, each voice ends a pause.
  const ms = changes ? state.ms + input.ms : state.speaks ? 0 : Math.max(0, state.ms - input.ms / 2);
  if (ms < (state.speaks ? STOPS_MS : BEGINS_MS)) return { ...state, ms };
  return { speaks: !state.speaks, ms: 0, dismissed: false };
}

/** Whether the room, or a channel, would hear this participant if the microphone were on. */
export function wouldBeHeard({ floor, channels }: Room, { person, publishing }: You): boolean {
  if (publishing === false) return false;
  const holds = floor.granted.some(
    (request) => request.beneficiary === person && request.kind !== "address" && request.substate !== "suspended",
  );
  return holds || floor.chair === person || channels.some(({ interpreter }) => interpreter === person);
}
