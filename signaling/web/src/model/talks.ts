import type { May } from "./permissions";
import type { Participant, Room, Talk, TalkEnded } from "./types";

/** The reader's own side talk, as this device has it. */
export type OwnTalk =
  | { phase: "none" }
  | {
      /** `elsewhere`: another device of the reader calls or talks. */
      phase: "calling" | "ringing" | "talking" | "elsewhere";
      id: string;
      /** The other person. */
      other: string;
      /** Whether this side makes the offer. */
      offers: boolean;
    };

const NO_TALK: OwnTalk = { phase: "none" };

/** How loud the room is during a side talk, of the volume that was chosen. */
export const DUCKED = 0.2;
/** So long the room does not yet hear a participant whom the floor has called out of a side talk: no private word is cut off late. */
export const FLOOR_GUARD_MS = 2_000;
/** Within this time two devices have found a path to each other, or there is none. */
export const PATH_TIMEOUT_MS = 15_000;

export function ownTalk(talks: readonly Talk[], me: string | undefined): OwnTalk {
  const talk = talks.find(({ caller, callee }) => caller === me || callee === me);
  if (!talk) return NO_TALK;
  const offers = talk.caller === me;
  const phase =
    talk.state === "ringing"
      ? offers
        ? talk.here
          ? "calling"
          : "elsewhere"
        : "ringing"
      : talk.here
        ? "talking"
        : "elsewhere";
  return { phase, id: talk.id, other: offers ? talk.callee : talk.caller, offers };
}

/** The side talk of a person in which two talk, as far as the reader may see it. */
export function talkOf(talks: readonly Talk[], person: string): Talk | undefined {
  return talks.find(({ state, caller, callee }) => state === "talking" && (caller === person || callee === person));
}

/** The other one of the two. */
export function otherIn({ caller, callee }: Pick<Talk, "caller" | "callee">, person: string): string {
  return caller === person ? callee : caller;
}

/** Whether a person is offered to be called. Whether that person is free, only the server knows. */
export function mayCall(room: Room, may: May, me: string | undefined, person: Participant): boolean {
  return (
    room.side_talks === true &&
    may.has("talk.call") &&
    person.person !== me &&
    person.state === "seated" &&
    (person.role === "delegate" || person.role === "moderator")
  );
}

/** What a participant is told of the end of the own side talk; `null` where the participant knows it already. */
export interface TalkEnding {
  says:
    | "refused"
    | "unanswered"
    | "missed"
    | "hung_up"
    | "no_path"
    | "left"
    | "floor_you"
    | "floor_other"
    | "closed"
    | "ended";
  /** The other person. */
  other: string;
  /** The person who closed it. */
  by?: string;
}

/** `was` is the own side talk before. One that ended without a word ended too. */
export function endingOf(was: OwnTalk, ended: TalkEnded | undefined, me: string | undefined): TalkEnding | null {
  if (was.phase === "none") return null;
  const other = ended ? otherIn(ended, me ?? "") : was.other;
  if (!ended || ended.id !== was.id) return { says: "ended", other };
  const own = ended.by === me;
  switch (ended.why) {
    case "refused":
      return own ? null : { says: "refused", other };
    case "unanswered":
      return { says: was.offers ? "unanswered" : "missed", other };
    case "hung_up":
      if (own) return null;
      return { says: was.phase === "ringing" ? "missed" : "hung_up", other };
    case "no_path":
      return { says: "no_path", other };
    case "left":
      if (own) return null;
      return { says: was.phase === "ringing" ? "missed" : "left", other };
    case "floor":
      return { says: own ? "floor_you" : "floor_other", other };
    case "closed":
      return { says: "closed", other, by: ended.by ?? undefined };
  }
}
