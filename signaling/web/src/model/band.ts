import { openDecision } from "./decision";
import { reduce } from "./reduce";
import type { Room, RoomEvent } from "./types";
import * as floor from "./band/floor";
import * as meeting from "./band/meeting";
import { news, toYou, who, type Alert, type BandLine, type Reader, type Scene } from "./band/line";

export type { Alert, BandLine, Reader, Tone, Value } from "./band/line";

/** What an event means for the participant who reads, as one sentence; `null` where the page shows it well enough itself. */
export function bandLine(before: Room, event: RoomEvent, me: Reader): BandLine | null {
  switch (event.type) {
    case "notice.posted":
      return { ...news("warn", "band.notice", { text: event.text }), alert: "notice" };
    case "chat.posted":
      return meeting.helpCalled(event, { before, me });
    case "help.closed":
      return meeting.helpClosed(event, me);
    case "floor.undone":
      return floor.undone(event, { before, me });
    case "agenda.postponed":
      return meeting.itemPostponed(event);
    case "speech.slower_asked":
      return meeting.slowerAsked(event, { me });
    default:
      return lineOf(event, { before, me, after: reduce(before, event) });
  }
}

function lineOf(event: RoomEvent, scene: Scene): BandLine | null {
  switch (event.type) {
    case "floor.requested":
      return floor.requested(event, scene);
    case "floor.accepted":
      return floor.accepted(event, scene);
    case "floor.denied":
      return floor.denied(event, scene);
    case "floor.cancelled":
      return floor.cancelled(event, scene);
    case "floor.granted":
      return floor.granted(event, scene);
    case "floor.released":
      return floor.released(event, scene);
    case "floor.revoked":
      return floor.revoked(event, scene);
    case "floor.passed":
      return floor.passed(event, scene);
    case "floor.recalled":
      return floor.recalled(event, scene);
    case "floor.moved":
      return floor.moved(event, scene);
    case "floor.suspended":
      return floor.suspended(event, scene);
    case "floor.resumed":
      return floor.resumed(event, scene);
    case "floor.absent":
      return floor.absent(event, scene);
    case "floor.waiting":
      return floor.waited(event);
    case "floor.extended":
      return floor.extended(event, scene);
    case "floor.yielded":
      return floor.yielded(event, scene);
    case "floor.order":
      return floor.ordered(event, scene);
    case "floor.on_deck":
      return floor.onDeck(event, scene);
    case "floor.settings":
      return news("info", "band.rules_changed");
    case "recording.stalled":
      return floor.recordingFailed(event, scene);
    case "record.started":
      return meeting.recordingStarted(event, scene);
    case "record.stopped":
      return meeting.recordingStopped(event, scene);
    case "recording.refused":
      return news("warn", "band.recording_refused", { reason: event.detail });
    case "floor.restarted":
      return news("warn", "band.restarted");
    case "list.opened":
    case "list.closed":
    case "list.close_announced":
    case "list.reopened":
    case "list.adjourned":
    case "list.resumed":
    case "list.replies":
    case "list.concluded":
      return meeting.list(event, scene);
    case "chair.changed":
      return meeting.chairChanged(event, scene);
    case "chair.priority":
      return meeting.chairPriority(event, scene);
    case "participant.updated":
      return meeting.updated(event, scene);
    case "participant.left":
      return meeting.left(event, scene);
    case "agenda.started":
      return meeting.itemStarted(event);
    case "agenda.ended":
      return meeting.itemEnded(event);
    case "decision.opened":
      return meeting.opened(event, scene);
    case "decision.objected":
      return meeting.objected(event);
    case "decision.voted":
      return meeting.voted(event, scene);
    case "decision.closed":
      return meeting.closed(event);
    case "decision.withdrawn":
      return meeting.withdrawn(event);
    case "channel.changed":
      return meeting.channel(event, scene);
    case "room.draining":
      return news("warn", "band.draining");
    default:
      return null;
  }
}

/** How things stand, for the participant who has just come in or come back: no event of that was seen. */
export function standingLine(room: Room, me: Reader): BandLine {
  const { floor: f } = room;
  const question = openDecision(room.decisions);
  if (question)
    return news("info", question.kind === "roll_call" ? "band.vote" : "band.objections", {
      question: question.question,
    });
  if (f.list.state === "adjourned") return news("info", "band.stands_adjourned");
  const held = f.granted.find(({ beneficiary }) => beneficiary === me.person);
  if (held?.kind === "address") return toYou("info", "band.played_you");
  if (held)
    return held.substate === "suspended" ? toYou("warn", "band.stands_paused_you") : toYou("good", "band.stands_you");
  const holder = f.granted.find(({ substate }) => substate !== "suspended") ?? f.granted[0];
  return holder ? news("info", "band.called", { who: who(holder) }) : news("info", "band.stands_free");
}

/** A line with its time. */
export interface DatedLine extends BandLine {
  /** When it happened, by the server's clock; `null` for how things stand. */
  at: string | null;
  /** When this page showed it, in milliseconds of its stopwatch. */
  shownAt: number;
  id: number;
}

/** A line that alerts the participant stays in sight for so long, whatever happens to others meanwhile. */
export const HOLD_MS: Record<Alert, number> = { floor: 5_000, lost: 5_000, notice: 8_000, ask: 2_500 };
/** Later a line is shown as past. */
export const FRESH_MS = 20_000;

/** The line in the band: the newest, unless one to the participant has not stood long enough. `lines` are oldest first. */
export function shownLine(lines: readonly DatedLine[], now: number): DatedLine | null {
  const newest = lines.findLast(({ minor }) => !minor) ?? null;
  const held = lines.findLast(({ alert, shownAt }) => alert && now - shownAt < HOLD_MS[alert]);
  return held ?? newest;
}
