import { waiting } from "../order";
import type { FloorRequest, Speech } from "../types";
import { authority, named, news, toYou, who, type BandLine, type EventOf, type Scene } from "./line";

/** Causes that an event of their own has said before. */
const SAID_BEFORE = new Set(["chair_priority", "point_of_order", "adjourned"]);

export function requested(event: EventOf<"floor.requested">, scene: Scene): BandLine | null {
  const { request, by } = event;
  if (request.kind === "point_of_order") return pointRaised(request, scene);
  // The rest of a yielded speech: the yielding was said, and the grant follows.
  if (request.left_ms != null) return null;
  const { me, after } = scene;
  if (request.beneficiary === me.person) return ownRequest(request, by, scene);
  if (request.state !== "pending" || !me.may.includes("floor.accept") || by === me.person) return null;
  const n = waiting(after.floor).length;
  return {
    ...news("info", "band.asks", { who: who(request), n }),
    ...(after.floor.chair === me.person && { concerns: "you", alert: "ask" }),
  };
}

function ownRequest(request: FloorRequest, by: string | null | undefined, { me, after }: Scene): BandLine | null {
  if (by !== me.person && by) return toYou("info", "band.asked_for_you", { by: named(after, by) });
  if (request.state === "pending") return toYou("info", "band.asked_you", { n: waiting(after.floor).length });
  return request.position ? toYou("info", "band.listed_you", { place: { place: request.position } }) : null;
}

/** A point of order suspends the speech, so its speaker is told in the same sentence. */
function pointRaised(request: FloorRequest, scene: Scene): BandLine {
  const { me, after } = scene;
  if (request.beneficiary === me.person) return toYou("warn", "band.point_raised_you");
  const values = { who: who(request) };
  if (after.floor.chair === me.person) return toYou("warn", "band.point_raised_rule", values, "ask");
  if (holdsLive(scene)) return toYou("warn", "band.point_raised_paused", values, "lost");
  return news("warn", "band.point_raised", values);
}

export function accepted({ request }: EventOf<"floor.accepted">, { me, after }: Scene): BandLine | null {
  const mine = request.beneficiary === me.person;
  if (request.kind === "point_of_order") return upheld(request, mine);
  if (!mine) return null;
  const { position } = after.floor.requests.find(({ id }) => id === request.id) ?? request;
  return position ? toYou("good", "band.accepted_you", { place: { place: position } }) : null;
}

function upheld(request: FloorRequest, mine: boolean): BandLine {
  return mine ? toYou("good", "band.upheld_you") : news("info", "band.upheld", { who: who(request) });
}

function overruled(request: FloorRequest, reason: string | null | undefined, mine: boolean): BandLine {
  if (mine)
    return reason
      ? toYou("bad", "band.overruled_reason_you", { reason }, "lost")
      : toYou("bad", "band.overruled_you", {}, "lost");
  return reason
    ? news("info", "band.overruled_reason", { who: who(request), reason })
    : news("info", "band.overruled", { who: who(request) });
}

export function denied({ request, reason }: EventOf<"floor.denied">, { me }: Scene): BandLine {
  const mine = request.beneficiary === me.person;
  if (request.kind === "point_of_order") return overruled(request, reason, mine);
  if (reason === NOT_ENTITLED) return notEntitled(request, mine);
  if (mine)
    return reason
      ? toYou("bad", "band.denied_reason_you", { reason }, "lost")
      : toYou("bad", "band.denied_you", {}, "lost");
  return reason
    ? news("info", "band.denied_reason", { who: who(request), reason })
    : news("info", "band.denied", { who: who(request) });
}

export function cancelled({ request, by }: EventOf<"floor.cancelled">, { me, before }: Scene): BandLine | null {
  // An upheld point goes with the next grant; the ruling was said.
  if (!by) return null;
  const mine = request.beneficiary === me.person;
  if (mine)
    return by === me.person
      ? toYou("info", "band.withdrawn_you")
      : toYou("warn", "band.withdrawn_for_you", { by: named(before, by) }, "lost");
  return request.kind === "point_of_order" ? news("info", "band.point_withdrawn", { who: who(request) }) : null;
}

export function granted({ request, speech }: EventOf<"floor.granted">, { me }: Scene): BandLine {
  const mine = isSpokenBy(request, me);
  const time = { duration: Math.max(0, speech.limit_ms - speech.consumed_ms) };
  if (request.kind === "point_of_order")
    return mine
      ? toYou("good", "band.point_called_you", { time }, "floor")
      : news("info", "band.point_called", { who: who(request) });
  if (request.kind === "address" && request.beneficiary === me.person) return toYou("info", "band.played_you");
  if (mine) return toYou("good", "band.called_you", { time }, "floor");
  if (request.kind === "statement") return news("info", "band.called", { who: who(request) });
  return news("info", "band.called_kind", { who: who(request), kind: { key: `kind.${request.kind}` } });
}

export function released({ request, speech, ruling }: EventOf<"floor.released">, { me }: Scene): BandLine {
  const mine = isSpokenBy(request, me);
  if (ruling === "upheld") return upheld(request, mine);
  return mine ? toYou("info", "band.ended_you") : news("info", "band.ended", { who: who(request), time: used(speech) });
}

const NEXT_CALLED = "The next speaker was called.";
const REPLACED = "Replaced by the next speaker.";
const NOT_ENTITLED = "The conference no longer gives this person the floor.";
const RECORDING_STOPPED = "The recording was stopped.";
const TIME_USED_UP = "The time and its grace are used up.";

export function revoked({ request, reason, ruling, by }: EventOf<"floor.revoked">, { me, before }: Scene): BandLine {
  const mine = isSpokenBy(request, me);
  if (ruling === "overruled") return overruled(request, reason, mine);
  const values = { who: who(request), by: authority(before, by) };
  switch (reason) {
    case NEXT_CALLED:
    case REPLACED:
      return mine ? toYou("warn", "band.ended_next_you", {}, "lost") : news("info", "band.ended_next", values);
    case TIME_USED_UP:
      return mine ? toYou("bad", "band.ended_time_you", {}, "lost") : news("info", "band.ended_time", values);
    case NOT_ENTITLED:
      return notEntitled(request, mine);
    case RECORDING_STOPPED:
      return news("info", "band.recording_stopped", values);
    case null:
    case undefined:
      return mine ? toYou("bad", "band.revoked_you", values, "lost") : news("warn", "band.revoked", values);
    default:
      return mine
        ? toYou("bad", "band.revoked_reason_you", { ...values, reason }, "lost")
        : news("warn", "band.revoked_reason", { ...values, reason });
  }
}

function notEntitled(request: FloorRequest, mine: boolean): BandLine {
  return mine
    ? toYou("bad", "band.not_entitled_you", {}, "lost")
    : news("info", "band.not_entitled", { who: who(request) });
}

export function passed({ request, reason }: EventOf<"floor.passed">, { me }: Scene): BandLine {
  const mine = request.beneficiary === me.person;
  const values = { who: who(request) };
  if (reason)
    return mine
      ? toYou("warn", "band.passed_absent_you", {}, "lost")
      : news("warn", reason === "away" ? "band.passed_away" : "band.passed_absent", values);
  return mine ? toYou("warn", "band.passed_you", {}, "lost") : news("info", "band.passed", values);
}

export function recalled({ request }: EventOf<"floor.recalled">, { me }: Scene): BandLine {
  const mine = request.beneficiary === me.person;
  if (!mine) return news("info", "band.recalled", { who: who(request) });
  return request.position
    ? toYou("good", "band.recalled_place_you", { place: { place: request.position } }, "ask")
    : toYou("good", "band.recalled_you", {}, "ask");
}

export function moved({ request, by }: EventOf<"floor.moved">, { me, after }: Scene): BandLine | null {
  const { position } = after.floor.requests.find(({ id }) => id === request.id) ?? request;
  if (!position) return null;
  const values = { who: who(request), place: { place: position } };
  if (request.beneficiary === me.person) return toYou("info", "band.moved_you", values);
  return by === me.person ? null : news("info", "band.moved", values);
}

export function suspended(
  { request, speech, cause }: EventOf<"floor.suspended">,
  { me, before }: Scene,
): BandLine | null {
  // A speech that began while the cause already lasted is a case of its own; otherwise the cause was said.
  if (SAID_BEFORE.has(cause) && before.floor.granted.some(({ id }) => id === request.id)) return null;
  const mine = isSpokenBy(request, me);
  const values = { who: who(request), time: used(speech) };
  switch (cause) {
    case "disconnected":
      return mine ? null : news("warn", "band.lost", values);
    case "overtime":
      return mine ? toYou("bad", "band.muted_time_you", {}, "lost") : news("warn", "band.muted_time", values);
    case "stalled":
      return mine ? toYou("bad", "band.stalled_you", {}, "lost") : news("warn", "band.stalled", values);
    default: {
      const why = { key: `cause.${cause}` } as const;
      if (request.kind === "address") return news("warn", "band.paused_recording", { ...values, why });
      return mine ? toYou("warn", "band.paused_you", { why }, "lost") : news("warn", "band.paused", { ...values, why });
    }
  }
}

export function resumed({ request }: EventOf<"floor.resumed">, { me }: Scene): BandLine {
  return isSpokenBy(request, me)
    ? toYou("good", "band.resumed_you", {}, "floor")
    : news("info", request.kind === "address" ? "band.resumed_recording" : "band.resumed", { who: who(request) });
}

/** A stall that ends by itself is told with the speech; after a failure the chair decides. */
export function recordingFailed({ reason }: EventOf<"recording.stalled">, { me, before }: Scene): BandLine | null {
  if (!reason) return null;
  return before.floor.chair === me.person
    ? toYou("warn", "band.recording_failed", { reason }, "ask")
    : news("warn", "band.recording_failed", { reason });
}

export function absent({ request }: EventOf<"floor.absent">, { me, before }: Scene): BandLine {
  const values = { who: who(request) };
  return before.floor.chair === me.person
    ? toYou("warn", "band.absent_asked", values, "ask")
    : news("warn", "band.absent", values);
}

export function waited({ request }: EventOf<"floor.waiting">): BandLine {
  return news("info", "band.waiting", { who: who(request) });
}

export function extended({ request, by_ms }: EventOf<"floor.extended">, { me }: Scene): BandLine {
  const values = { who: who(request), time: { duration: by_ms } };
  return request.beneficiary === me.person
    ? toYou("good", "band.extended_you", values)
    : news("info", "band.extended", values);
}

export function yielded({ request, speech, to }: EventOf<"floor.yielded">, { me, before }: Scene): BandLine | null {
  const values = { who: who(request), to: named(before, to) };
  if (!speech) return before.floor.chair === me.person ? toYou("info", "band.wishes_to_yield", values, "ask") : null;
  return request.beneficiary === me.person
    ? toYou("info", "band.yielded_you", values)
    : news("info", "band.yielded", values);
}

export function ordered({ overrode, by }: EventOf<"floor.order">, { me, before, after }: Scene): BandLine | null {
  const place = placeOf(after.floor.requests, me.person);
  const was = placeOf(before.floor.requests, me.person);
  // The first is told to get ready, by an event of its own.
  if (place && was && place > 1 && place !== was)
    return { ...toYou("info", "band.place_you", { place: { place } }), minor: true };
  return overrode && by !== me.person ? news("info", "band.reordered") : null;
}

export function onDeck({ person }: EventOf<"floor.on_deck">, { me }: Scene): BandLine | null {
  return person === me.person ? toYou("good", "band.on_deck_you", {}, "floor") : null;
}

/** An undone command is named by what came of it: who speaks again, whose call or refusal does not count. */
export function undone(
  { command, restored }: EventOf<"floor.undone">,
  { before, me }: Pick<Scene, "before" | "me">,
): BandLine {
  const requests = restored.requests ?? [];
  const again = requests.find(({ id }) => restored.speeches?.some(({ request }) => request === id));
  const called = requests.find(
    ({ id, state }) => state !== "granted" && before.floor.granted.some((held) => held.id === id),
  );
  if (again?.beneficiary === me.person) return toYou("good", "band.undone_floor_you", {}, "floor");
  if (called?.beneficiary === me.person) return toYou("warn", "band.undone_called_you", {}, "lost");
  const own = requests.find(({ beneficiary }) => beneficiary === me.person);
  if (own) return toYou("info", command === "floor.deny" ? "band.undone_denied_you" : "band.undone_you", {}, "ask");
  if (again) return news("warn", "band.undone_floor", { who: who(again) });
  if (called) return news("warn", "band.undone_called", { who: who(called) });
  return news("warn", "band.undone");
}

/** Whether the participant's own speech is live before the event, and so is interrupted by it. */
export function holdsLive({ before, me }: Scene): boolean {
  return before.floor.granted.some((r) => isSpokenBy(r, me) && r.substate !== "suspended");
}

/** Whether it is a speech of the participant in person. A recording of the participant is news to them as to anybody else. */
function isSpokenBy({ beneficiary, kind }: FloorRequest, me: Scene["me"]): boolean {
  return beneficiary === me.person && kind !== "address";
}

function placeOf(requests: FloorRequest[], person: string): number | null {
  return requests.find((r) => r.beneficiary === person && r.kind !== "point_of_order")?.position ?? null;
}

function used(speech: Speech) {
  return { duration: speech.consumed_ms };
}
