import { ownVoteIn } from "../decision";
import { nameOf } from "../names";
import type { Decision, Participant, RoomEvent } from "../types";
import { holdsLive } from "./floor";
import { named, news, toYou, type BandLine, type EventOf, type Scene, type Value } from "./line";

/** A participant was muted, or the chair's connection has changed. That a seat is taken or away is on its tile. */
export function updated({ participant: p }: EventOf<"participant.updated">, { before, me }: Scene): BandLine | null {
  const was = before.participants.find(({ person }) => person === p.person);
  if (!was) return null;
  if (was.muted !== p.muted) return muted(p, p.person === me.person);
  if (was.state === p.state || p.person !== before.floor.chair || p.person === me.person) return null;
  return p.state === "away"
    ? news("warn", "band.chair_lost", { who: person(p) })
    : news("info", "band.chair_back", { who: person(p) });
}

function muted(p: Participant, mine: boolean): BandLine {
  if (mine) return p.muted ? toYou("bad", "band.muted_you", {}, "lost") : toYou("good", "band.unmuted_you", {}, "ask");
  return p.muted ? news("info", "band.muted", { who: person(p) }) : news("info", "band.unmuted", { who: person(p) });
}

function person({ person: id, delegation }: Participant): Value {
  return { person: id, delegation };
}

export function left({ person: id, reason, to }: EventOf<"participant.left">, { before, me }: Scene): BandLine | null {
  // The participant sees a page of their own.
  if (id === me.person) return null;
  // Nobody has an entry for them any more, so the sentence keeps the name.
  const values = { who: nameOf(before, id) };
  if (reason === "removed") return news("warn", "band.removed", values);
  return reason === "moved" && to ? news("info", "band.sent", { ...values, room: { room: to } }) : null;
}

export function chairChanged({ chair, by }: EventOf<"chair.changed">, { me, after }: Scene): BandLine {
  if (!chair) return news("warn", "band.chair_vacant");
  if (chair === me.person) return toYou("good", "band.chair_you", {}, by === me.person ? undefined : "ask");
  return news("info", "band.chair", { who: named(after, chair) });
}

export function chairPriority({ on }: EventOf<"chair.priority">, scene: Scene): BandLine | null {
  const { before, me } = scene;
  const { chair, speeches } = before.floor;
  const isChair = chair === me.person;
  if (on) {
    if (isChair) return toYou("info", "band.priority_you");
    return holdsLive(scene) ? toYou("warn", "band.priority_paused", {}, "lost") : news("info", "band.priority");
  }
  // A speech that goes on is said by an event of its own.
  const goesOn = speeches.some(
    ({ suspended_by }) => suspended_by?.length === 1 && suspended_by[0] === "chair_priority",
  );
  return goesOn ? null : news("info", "band.priority_over");
}

export function list(event: RoomEvent & { list: { closes_at?: string | null } }, scene: Scene): BandLine | null {
  switch (event.type) {
    case "list.opened":
      return news("info", "band.list_opened");
    case "list.close_announced":
      return event.list.closes_at
        ? news("warn", "band.list_closes", { time: { time: event.list.closes_at } })
        : news("info", "band.list_stays_open");
    case "list.closed":
      return news("info", "band.list_closed");
    case "list.reopened":
      return news("info", "band.list_reopened");
    case "list.replies":
      return news("info", "band.list_replies");
    case "list.concluded":
      return news("info", "band.list_concluded");
    case "list.adjourned":
      return holdsLive(scene) ? toYou("warn", "band.adjourned_you", {}, "lost") : news("warn", "band.adjourned");
    case "list.resumed":
      return news("good", "band.meeting_resumed");
    default:
      return null;
  }
}

export function itemStarted({ item }: EventOf<"agenda.started">): BandLine {
  return news("info", "band.item_began", { title: { titled: item } });
}

export function itemEnded({ item }: EventOf<"agenda.ended">): BandLine {
  return news("info", "band.item_ended", { title: { titled: item } });
}

export function itemPostponed({ item, by_minutes }: EventOf<"agenda.postponed">): BandLine {
  return by_minutes
    ? news("info", "band.item_postponed", { title: { titled: item }, time: { duration: by_minutes * 60_000 } })
    : news("info", "band.item_postponed_to_end", { title: { titled: item } });
}

/** Only the operators and the caller are told at all. The first line is what the caller wrote. */
export function helpCalled(
  { from, text, help }: EventOf<"chat.posted">,
  { before, me }: Pick<Scene, "before" | "me">,
): BandLine | null {
  if (!help || from === me.person) return null;
  return {
    ...news("warn", "band.help_called", { who: named(before, from), text: text.split("\n")[0] ?? "" }),
    alert: "notice",
  };
}

/** The answer of the operators to a call for help. One that the caller withdrew needs none. */
export function helpClosed({ from, by, text }: EventOf<"help.closed">, me: Scene["me"]): BandLine | null {
  if (from !== me.person || by === me.person) return null;
  return text ? toYou("info", "band.help_answered", { text }, "notice") : toYou("info", "band.help_closed");
}

/** Everybody is told, because everybody may be in it. */
export function recordingStarted({ by }: EventOf<"record.started">, { before }: Scene): BandLine {
  return by ? news("warn", "band.record_started_by", { who: named(before, by) }) : news("warn", "band.record_started");
}

/** That it has stopped by itself concerns those who can start it again. */
export function recordingStopped({ by, reason }: EventOf<"record.stopped">, { before, me }: Scene): BandLine {
  if (reason) {
    const line = news("warn", "band.record_failed", { reason: { key: `recorded.reason.${reason}` } });
    return me.may.includes("record.start") ? { ...line, tone: "bad", alert: "notice" } : line;
  }
  return by ? news("info", "band.record_stopped_by", { who: named(before, by) }) : news("info", "band.record_stopped");
}

/** Only the speakers, the moderators and the interpreter are told at all. */
export function slowerAsked(
  { speakers, language }: EventOf<"speech.slower_asked">,
  { me }: Pick<Scene, "me">,
): BandLine {
  if (speakers.includes(me.person)) return toYou("warn", "band.slower_you", {}, "ask");
  return language ? news("info", "band.slower_language", { language: { language } }) : news("info", "band.slower");
}

export function opened({ decision }: EventOf<"decision.opened">, { me }: Scene): BandLine {
  const { question } = decision;
  const own = ownVoteIn(decision, me);
  if (own.votes) return toYou("warn", "band.vote_you", { question }, "ask");
  if (own.objects) return toYou("warn", "band.objections_you", { question }, "ask");
  return news("info", decision.kind === "roll_call" ? "band.vote" : "band.objections", { question });
}

export function objected({ decision }: EventOf<"decision.objected">): BandLine | null {
  const last = decision.objections.at(-1);
  if (!last) return null;
  const city = { city: last.delegation };
  return last.reason
    ? news("warn", "band.objected_reason", { city, reason: last.reason })
    : news("warn", "band.objected", { city });
}

/** A vote is on the roll. Only the delegation is told for which a clerk has voted. */
export function voted({ decision }: EventOf<"decision.voted">, { before, me }: Scene): BandLine | null {
  const entryIn = (d: Decision | undefined) => d?.roll.find(({ delegation }) => delegation === me.delegation);
  const entry = entryIn(decision);
  if (!me.delegation || !entry?.choice || entry.by === me.person) return null;
  if (entryIn(before.decisions.find(({ id }) => id === decision.id))?.at === entry.at) return null;
  return toYou("info", "band.voted_for_you", { choice: { key: `choice.${entry.choice}` } });
}

/** The result with its figures. They come before the question, which may be too long for the line. */
export function closed({ decision }: EventOf<"decision.closed">): BandLine {
  const { question, result, kind, tally, quorum, objections } = decision;
  const { yes, no, abstain, absent } = tally;
  const values = { question, yes, no, abstain, absent };
  switch (result) {
    case "adopted":
      return kind === "roll_call"
        ? news("good", "band.adopted", values)
        : news("good", "band.adopted_without_objection", { question });
    case "rejected":
      return news("bad", "band.rejected", values);
    case "tied":
      return news("bad", "band.tied", values);
    case "objected":
      return news("bad", "band.not_adopted_objections", {
        question,
        cities: { cities: objections.map(({ delegation }) => delegation) },
      });
    case "no_quorum":
      return quorum && tally.present != null
        ? news("bad", "band.no_quorum_of", {
            question,
            present: tally.present,
            needed: quorum.needed,
            members: quorum.members,
          })
        : news("bad", "band.no_quorum", { question });
    default:
      return news("info", "band.decision_closed", { question });
  }
}

export function withdrawn({ decision }: EventOf<"decision.withdrawn">): BandLine {
  return news("info", "band.decision_withdrawn", { question: decision.question });
}

/** A channel matters to its interpreter, to the participants who listen to it, and to the chair when it is interrupted. */
export function channel({ channel: c, by }: EventOf<"channel.changed">, { before, me }: Scene): BandLine | null {
  const was = before.channels.find(({ language }) => language === c.language);
  const language = { language: c.language };
  if (by !== me.person) {
    if (c.interpreter === me.person && was?.interpreter !== me.person)
      return toYou("good", "band.channel_yours", { language }, "ask");
    if (was?.interpreter === me.person && c.interpreter !== me.person)
      return toYou("warn", "band.channel_gone", { language }, "lost");
  }
  if (was?.state === c.state && was.interpreter === c.interpreter) return null;
  const listens = me.listensTo === c.language;
  const responsible = me.may.includes("channel.assign");
  if (c.state === "interrupted" && (listens || responsible)) {
    return {
      ...news("warn", "band.channel_interrupted", { language }),
      ...(responsible && !listens ? {} : { announcedElsewhere: true }),
    };
  }
  if (!listens) return null;
  // The note beside the choice of the channel is announced.
  if (c.state === "interpreted" && c.interpreter)
    return {
      ...news("info", "band.channel_heard", { language, who: named(before, c.interpreter) }),
      announcedElsewhere: true,
    };
  return c.state === "floor" ? { ...news("info", "band.channel_floor", { language }), announcedElsewhere: true } : null;
}
