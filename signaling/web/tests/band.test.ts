import { expect, it } from "vitest";
import { setLanguage } from "../src/i18n";
import { texts as english } from "../src/i18n/en/texts";
import { bandLine, shownLine, standingLine, type BandLine, type DatedLine, type Reader } from "../src/model/band";
import type { Conference, FormerState, Room, RoomEvent } from "../src/model/types";
import { sentence } from "../src/state/band-words";
import {
  channel,
  decision,
  DELEGATE,
  event,
  INTERPRETER,
  MODERATOR,
  participant,
  request,
  room,
  settings,
  speech,
  VIEWER,
} from "./examples";

const tokyo: Reader = { person: "tokyo-1", delegation: "tokyo", may: DELEGATE };
const seoul: Reader = { person: "seoul-1", delegation: "seoul", may: DELEGATE };
const chair: Reader = { person: "moderator-1", delegation: null, may: MODERATOR };
const viewer: Reader = { person: "viewer-1", delegation: null, may: VIEWER };

const conference = {
  delegations: [
    { id: "tokyo", name: "Tokyo" },
    { id: "seoul", name: "Seoul" },
  ],
  rooms: [{ id: "covid", title: "COVID-19" }],
} as unknown as Conference;

/** A room with a chair, in which Tokyo speaks. */
function speaking(change: Partial<Room["floor"]> = {}): Room {
  const r = room();
  const held = request("r1", { state: "granted", substate: "live" });
  const participants = [
    ...r.participants,
    participant("moderator-1", "Mayor Chen", { role: "moderator" }),
    participant("operator-1", "Operator", { role: "operator" }),
  ];
  return {
    ...r,
    participants,
    floor: { ...r.floor, chair: "moderator-1", granted: [held], speeches: [speech("r1")], ...change },
  };
}

const ended = speech("r1", { consumed_ms: 251_700, ended_at: "2021-10-12T01:05:00Z", running: false });
const over = request("r1", { state: "revoked" });
const granted = request("r2", { state: "granted", substate: "live", beneficiary: "seoul-1", delegation: "seoul" });
const ofSeoul = speech("r2", { speaker: "seoul-1", limit_ms: 300_000 });
const point = request("p1", { kind: "point_of_order", state: "pending", beneficiary: "seoul-1", delegation: "seoul" });

/** Types that not every server sends yet, and two that concern the console alone. */
type Later =
  "floor.undone" | "floor.undoable" | "notice.posted" | "agenda.postponed" | "speech.slower_asked" | "help.closed";

/** The types of the wire: one that is new does not compile until it is here, and is not read until a test reads it. */
const EVERY_EVENT: Record<RoomEvent["type"] | Later, true> = {
  "floor.requested": true,
  "floor.accepted": true,
  "floor.denied": true,
  "floor.cancelled": true,
  "floor.granted": true,
  "floor.released": true,
  "floor.revoked": true,
  "floor.passed": true,
  "floor.recalled": true,
  "floor.moved": true,
  "floor.suspended": true,
  "floor.resumed": true,
  "floor.extended": true,
  "floor.yielded": true,
  "floor.absent": true,
  "floor.waiting": true,
  "floor.order": true,
  "floor.on_deck": true,
  "floor.timer": true,
  "floor.settings": true,
  "floor.item": true,
  "floor.item_ended": true,
  "floor.roll_call": true,
  "floor.connected": true,
  "floor.disconnected": true,
  "floor.restarted": true,
  "list.opened": true,
  "list.closed": true,
  "list.close_announced": true,
  "list.reopened": true,
  "list.adjourned": true,
  "list.resumed": true,
  "list.replies": true,
  "list.concluded": true,
  "chair.changed": true,
  "chair.priority": true,
  "participant.joined": true,
  "participant.updated": true,
  "participant.left": true,
  "participant.admitted": true,
  "chat.posted": true,
  "agenda.started": true,
  "agenda.ended": true,
  "channel.changed": true,
  "decision.opened": true,
  "decision.objected": true,
  "decision.voted": true,
  "decision.closed": true,
  "decision.withdrawn": true,
  "proceedings.corrected": true,
  "conference.recorded": true,
  "room.draining": true,
  "room.clock_moved": true,
  hidden: true,
  "floor.undone": true,
  "floor.undoable": true,
  "notice.posted": true,
  "agenda.postponed": true,
  "speech.slower_asked": true,
  "help.closed": true,
  "recording.started": true,
  "recording.paused": true,
  "recording.resumed": true,
  "recording.sought": true,
  "recording.stalled": true,
  "recording.ended": true,
  "recording.stopped": true,
  "recording.refused": true,
  "record.started": true,
  "record.stopped": true,
  "record.take": true,
  "record.take_deleted": true,
  "record.gap": true,
};
const read = new Set<string>();
const said: BandLine[] = [];

/** What a participant reads, with a mark for what is about them and for how they are alerted. */
function says(of: RoomEvent, me: Reader, before = speaking()): string | null {
  const line = bandLine(before, of, me);
  read.add(of.type);
  if (!line) return null;
  said.push(line);
  const marks = [
    line.concerns === "you" && "you",
    line.alert,
    line.minor && "minor",
    line.announcedElsewhere && "elsewhere",
  ]
    .filter(Boolean)
    .join(" ");
  return `${sentence(line, before, conference)}${marks && ` [${marks}]`}`;
}

it("a call names the speaker, and tells the participant called", () => {
  const called = event(1, "floor.granted", { request: granted, speech: ofSeoul });
  expect(says(called, seoul)).toBe("You have the floor for 5 minutes. [you floor]");
  expect(says(called, tokyo)).toBe("Seoul delegate has the floor.");
  const reply = event(1, "floor.granted", { request: { ...granted, kind: "reply" }, speech: ofSeoul });
  expect(says(reply, tokyo)).toBe("Seoul delegate has the floor: Right of reply.");
});

it("a name without its city has the city behind it", () => {
  const r = speaking();
  const named = { ...r, participants: [participant("seoul-1", "Kim Min-ji", { delegation: "seoul" })] };
  expect(says(event(1, "floor.granted", { request: granted, speech: ofSeoul }), viewer, named)).toBe(
    "Kim Min-ji (Seoul) has the floor.",
  );
});

it("the end of a speech says whose doing it was", () => {
  const released = event(1, "floor.released", { request: over, speech: ended });
  expect(says(released, tokyo)).toBe("Your speech has ended. Nobody hears you now. [you]");
  expect(says(released, viewer)).toBe("Tokyo delegate has ended the speech after 4 minutes, 12 seconds.");
  const because = (reason: string | null, by?: string) =>
    event(1, "floor.revoked", { request: over, speech: ended, reason, by });
  expect(says(because("The next speaker was called.", "moderator-1"), tokyo)).toBe(
    "Your speech has ended: the chair has called the next speaker. [you lost]",
  );
  expect(says(because("Replaced by the next speaker.", "moderator-1"), viewer)).toBe(
    "The speech of Tokyo delegate was ended by the chair calling the next speaker.",
  );
  expect(says(because("The time and its grace are used up."), tokyo)).toBe(
    "Your time is used up, and your speech has ended. [you lost]",
  );
  expect(says(because("The time and its grace are used up."), viewer)).toBe(
    "The speech of Tokyo delegate has ended: the time was used up.",
  );
  expect(says(because("The conference no longer gives this person the floor."), tokyo)).toMatch(
    /^You are no longer entitled/,
  );
  expect(says(because(null, "moderator-1"), tokyo)).toBe("The chair has ended your speech. [you lost]");
  expect(says(because("Please keep to the subject", "moderator-1"), tokyo)).toBe(
    "The chair has ended your speech: “Please keep to the subject” [you lost]",
  );
  expect(says(because("Please keep to the subject", "operator-1"), viewer)).toBe(
    "An operator has ended the speech of Tokyo delegate: “Please keep to the subject”",
  );
});

it("a denied request is denied with the chair's word", () => {
  const because = (reason?: string) =>
    event(1, "floor.denied", { request: request("r3", { state: "denied" }), reason, by: "moderator-1" });
  expect(says(because("Another time"), tokyo)).toBe("The chair has denied your request: “Another time” [you lost]");
  expect(says(because(), tokyo)).toBe("The chair has denied your request. [you lost]");
  expect(says(because("Another time"), seoul)).toBe(
    "The chair has denied the request of Tokyo delegate: “Another time”",
  );
});

it("a point of order tells the chair to rule, and the speaker that the speech is paused", () => {
  const raised = event(1, "floor.requested", { request: point, by: "seoul-1" });
  expect(says(raised, chair)).toBe("Seoul delegate raises a point of order. Please rule on it. [you ask]");
  expect(says(raised, tokyo)).toBe(
    "Seoul delegate raises a point of order. Your speech and its clock are paused. [you lost]",
  );
  expect(says(raised, seoul)).toBe("You have raised a point of order. The chair rules on it. [you]");
  expect(says(raised, viewer)).toBe("Seoul delegate raises a point of order.");
  const paused = speech("r1", { running: false, suspended_by: ["point_of_order"] });
  const suspended = event(2, "floor.suspended", {
    request: request("r1", { state: "granted", substate: "suspended" }),
    speech: paused,
    cause: "point_of_order",
  });
  expect(says(suspended, tokyo)).toBeNull();
});

it("a ruling says which, with the chair's word, whether the point was heard or not", () => {
  const upheld = event(1, "floor.accepted", { request: { ...point, state: "accepted" } });
  expect(says(upheld, seoul)).toBe("The chair has upheld your point of order. [you]");
  expect(says(upheld, viewer)).toBe("The chair has upheld the point of order of Seoul delegate.");
  const overruled = event(1, "floor.denied", {
    request: { ...point, state: "denied" },
    reason: "The list is in order",
  });
  expect(says(overruled, seoul)).toBe("The chair has overruled your point of order: “The list is in order” [you lost]");
  expect(says(overruled, viewer)).toBe(
    "The chair has overruled the point of order of Seoul delegate: “The list is in order”",
  );
  const heard = event(1, "floor.released", {
    request: { ...point, state: "released" },
    speech: speech("p1", { kind: "point_of_order" }),
    ruling: "upheld",
  });
  expect(says(heard, viewer)).toBe("The chair has upheld the point of order of Seoul delegate.");
  const heardAndOverruled = event(1, "floor.revoked", {
    request: { ...point, state: "revoked" },
    speech: speech("p1", { kind: "point_of_order" }),
    ruling: "overruled",
  });
  expect(says(heardAndOverruled, viewer)).toBe("The chair has overruled the point of order of Seoul delegate.");
  expect(says(event(1, "floor.cancelled", { request: { ...point, state: "cancelled" } }), viewer)).toBeNull();
  expect(says(event(1, "floor.cancelled", { request: { ...point, state: "cancelled" }, by: "seoul-1" }), viewer)).toBe(
    "Seoul delegate has withdrawn the point of order.",
  );
  expect(
    says(
      event(1, "floor.granted", {
        request: { ...point, state: "granted" },
        speech: speech("p1", { limit_ms: 60_000 }),
      }),
      seoul,
    ),
  ).toMatch(/^Your point of order is being heard: you have the floor for 1 minute\. \[you floor\]$/);
  expect(
    says(event(1, "floor.granted", { request: { ...point, state: "granted" }, speech: speech("p1") }), viewer),
  ).toBe("Seoul delegate is heard on the point of order.");
});

it("a request is told to its delegate and to the chair, with how many wait", () => {
  const waits = {
    ...speaking(),
    floor: { ...speaking().floor, requests: [request("r5", { state: "pending", beneficiary: "delhi-1" })] },
  };
  const asked = event(1, "floor.requested", {
    request: request("r2", { state: "pending", beneficiary: "seoul-1", delegation: "seoul" }),
    by: "seoul-1",
  });
  expect(says(asked, seoul, waits)).toBe("Your request is with the chair (2 waiting). [you]");
  expect(says(asked, chair, waits)).toBe("Seoul delegate asks for the floor (2 waiting). [you ask]");
  expect(says(asked, { ...chair, person: "deputy" }, waits)).toBe("Seoul delegate asks for the floor (2 waiting).");
  expect(says(asked, tokyo, waits)).toBeNull();
  expect(
    says(
      event(1, "floor.requested", { request: request("r2", { beneficiary: "seoul-1", position: 3 }), by: "seoul-1" }),
      seoul,
    ),
  ).toBe("You are 3rd in the speaking order. [you]");
  expect(
    says(
      event(1, "floor.requested", {
        request: request("r2", { state: "pending", beneficiary: "seoul-1", delegation: "seoul" }),
        by: "moderator-1",
      }),
      seoul,
    ),
  ).toBe("Mayor Chen has asked for the floor on your behalf. [you]");
  // The rest of a yielded speech is no request of its own.
  expect(
    says(
      event(1, "floor.requested", {
        request: request("r2", { state: "pending", beneficiary: "seoul-1", left_ms: 9_000 }),
        by: "tokyo-1",
      }),
      chair,
    ),
  ).toBeNull();
});

it("the chair's steps with an entry are told to its delegate and to the room", () => {
  const entry = request("r2", { beneficiary: "seoul-1", delegation: "seoul", position: 2 });
  expect(says(event(1, "floor.accepted", { request: entry }), seoul)).toBe(
    "The chair has put you on the list: you are 2nd. [you]",
  );
  expect(says(event(1, "floor.accepted", { request: entry }), tokyo)).toBeNull();
  expect(says(event(1, "floor.moved", { request: entry, overrode: true, by: "moderator-1" }), seoul)).toBe(
    "The chair has moved you: you are now 2nd. [you]",
  );
  expect(says(event(1, "floor.moved", { request: entry, overrode: true, by: "moderator-1" }), tokyo)).toBe(
    "The chair has moved Seoul delegate, who is now 2nd.",
  );
  expect(says(event(1, "floor.moved", { request: entry, overrode: true, by: "moderator-1" }), chair)).toBeNull();
  expect(says(event(1, "floor.passed", { request: { ...entry, position: null }, reason: "absent" }), seoul)).toMatch(
    /^You were absent when called/,
  );
  expect(says(event(1, "floor.passed", { request: { ...entry, position: null }, reason: "away" }), tokyo)).toBe(
    "Seoul delegate has gone to another room, and was passed over.",
  );
  expect(says(event(1, "floor.passed", { request: { ...entry, position: null }, by: "moderator-1" }), seoul)).toBe(
    "The chair has passed you over, and can recall you. [you lost]",
  );
  expect(says(event(1, "floor.recalled", { request: entry }), seoul)).toBe(
    "The chair has recalled you to the list: you are 2nd. [you ask]",
  );
  expect(says(event(1, "floor.recalled", { request: entry }), tokyo)).toBe(
    "The chair has recalled Seoul delegate to the list.",
  );
  expect(says(event(1, "floor.cancelled", { request: entry, by: "seoul-1" }), seoul)).toBe(
    "You have withdrawn your request. [you]",
  );
  expect(says(event(1, "floor.cancelled", { request: entry, by: "moderator-1" }), seoul)).toBe(
    "Mayor Chen has withdrawn your request. [you lost]",
  );
  expect(says(event(1, "floor.cancelled", { request: entry, by: "seoul-1" }), tokyo)).toBeNull();
});

it("a place that changes is announced, and takes no call out of sight", () => {
  const entries = [
    request("r2", { beneficiary: "seoul-1", position: 3 }),
    request("r3", { beneficiary: "delhi-1", position: 2 }),
  ];
  const before = speaking({ requests: entries });
  expect(says(event(1, "floor.order", { order: ["r9", "r2", "r3"] }), seoul, before)).toBe(
    "You are now 2nd in the speaking order. [you minor]",
  );
  expect(says(event(1, "floor.order", { order: ["r2", "r3"] }), seoul, before)).toBeNull();
  expect(
    says(event(1, "floor.order", { order: ["r3", "r9", "r2"], overrode: true, by: "moderator-1" }), seoul, before),
  ).toBe("The chair has changed the speaking order.");
  expect(says(event(1, "floor.on_deck", { person: "seoul-1" }), seoul, before)).toBe(
    "You are next. Please get ready. [you floor]",
  );
  expect(says(event(1, "floor.on_deck", { person: "seoul-1" }), tokyo, before)).toBeNull();
});

it("a speech that is interrupted says why, once", () => {
  const suspended = (
    cause: "chair" | "chair_priority" | "disconnected" | "overtime" | "adjourned" | "stalled" | "full",
    before = speaking(),
  ) =>
    [tokyo, viewer].map((me) =>
      says(
        event(1, "floor.suspended", {
          request: request("r1", { state: "granted", substate: "suspended" }),
          speech: speech("r1", { running: false }),
          cause,
        }),
        me,
        before,
      ),
    );
  expect(suspended("chair")).toEqual([
    "Your speech: Paused by the chair. [you lost]",
    "The speech of Tokyo delegate: Paused by the chair.",
  ]);
  expect(suspended("disconnected")).toEqual([
    null,
    "Tokyo delegate has lost the connection. The clock is paused, and the floor is kept.",
  ]);
  expect(suspended("overtime")).toEqual([
    "Your time is up, and you have been muted. [you lost]",
    "Tokyo delegate has been muted: the time is up.",
  ]);
  expect(suspended("stalled")).toEqual([
    "Your recording no longer reaches the server. The clock is paused. [you lost]",
    "The recording of Tokyo delegate has stopped arriving. The clock is paused.",
  ]);
  expect(suspended("full")[0]).toBe("Your speech: Waiting for a free microphone. [you lost]");
  expect(suspended("chair_priority")).toEqual([null, null]);
  expect(suspended("adjourned")).toEqual([null, null]);
  const resumed = event(2, "floor.resumed", {
    request: request("r1", { state: "granted", substate: "live" }),
    speech: speech("r1"),
  });
  expect(says(resumed, tokyo)).toBe("Your speech goes on: you have the floor again. [you floor]");
  expect(says(resumed, viewer)).toBe("The speech of Tokyo delegate goes on.");
});

it("chair priority is told to the speaker whom it pauses, and its end only where no speech goes on", () => {
  const on = event(1, "chair.priority", { on: true });
  expect(says(on, tokyo)).toBe("The chair is speaking. Your speech and its clock are paused. [you lost]");
  expect(says(on, viewer)).toBe("The chair is speaking. Everybody else is paused.");
  expect(says(on, chair)).toBe("You have chair priority. Everybody else is paused. [you]");
  const off = event(1, "chair.priority", { on: false });
  expect(says(off, viewer, speaking({ speeches: [speech("r1", { suspended_by: ["chair_priority"] })] }))).toBeNull();
  expect(says(off, viewer, speaking({ granted: [], speeches: [] }))).toBe("The chair has finished speaking.");
});

it("an absent speaker is a question to the chair", () => {
  const absent = event(1, "floor.absent", { request: request("r1", { state: "granted" }), speech: speech("r1") });
  expect(says(absent, chair)).toBe(
    "Tokyo delegate is still disconnected. Wait, pass over, or revoke the floor? [you ask]",
  );
  expect(says(absent, viewer)).toBe("Tokyo delegate is still disconnected. The chair decides how to go on.");
  expect(
    says(event(1, "floor.waiting", { request: request("r1", { state: "granted" }), speech: speech("r1") }), viewer),
  ).toBe("The chair waits for Tokyo delegate.");
});

it("an extension and a yielding are told to both sides", () => {
  const extended = event(1, "floor.extended", {
    request: request("r1", { state: "granted" }),
    speech: speech("r1"),
    by_ms: 120_000,
  });
  expect(says(extended, tokyo)).toBe("You have been given 2 minutes more. [you]");
  expect(says(extended, viewer)).toBe("Tokyo delegate has been given 2 minutes more.");
  const wish = event(1, "floor.yielded", { request: request("r1", { state: "granted" }), to: "seoul-1" });
  expect(says(wish, chair)).toBe("Tokyo delegate wishes to yield the remaining time to Seoul delegate. [you ask]");
  expect(says(wish, viewer)).toBeNull();
  const done = event(1, "floor.yielded", {
    request: request("r1", { state: "released" }),
    speech: ended,
    to: "seoul-1",
  });
  expect(says(done, viewer)).toBe("Tokyo delegate yields the remaining time to Seoul delegate.");
  expect(says(done, tokyo)).toBe("You have yielded the remaining time to Seoul delegate. [you]");
});

it("a question is put to the delegations that answer it", () => {
  const roll = event(1, "decision.opened", { decision: decision() });
  expect(says(roll, tokyo)).toBe("Your vote, please: Adopt? [you ask]");
  expect(says(roll, viewer)).toBe("A roll call is being taken: Adopt?");
  const ask = event(1, "decision.opened", { decision: decision({ kind: "no_objection" }) });
  expect(says(ask, tokyo)).toBe("Does your delegation object? Adopt? [you ask]");
  expect(says(ask, viewer)).toBe("The chair asks whether anybody objects: Adopt?");
});

it("a result comes with its figures", () => {
  const closed = (change: Parameters<typeof decision>[0]) =>
    says(event(1, "decision.closed", { decision: decision({ state: "closed", ...change }) }), viewer);
  const tally = { yes: 8, no: 2, abstain: 1, absent: 3 };
  expect(closed({ result: "adopted", tally })).toBe("Adopted by 8 to 2, 1 abstaining, 3 not voting: Adopt?");
  expect(closed({ result: "rejected", tally: { ...tally, yes: 1 } })).toBe(
    "Not adopted: 1 in favour, 2 against, 1 abstaining, 3 not voting: Adopt?",
  );
  expect(closed({ result: "tied", tally: { ...tally, no: 8 } })).toBe(
    "Not adopted, the vote is tied 8 to 8, 1 abstaining, 3 not voting: Adopt?",
  );
  expect(closed({ result: "adopted", kind: "no_objection" })).toBe("Adopted without objection: Adopt?");
  const objections = [
    { delegation: "seoul", by: "seoul-1", at: "" },
    { delegation: "tokyo", by: "tokyo-1", at: "" },
  ];
  expect(closed({ result: "objected", kind: "no_objection", objections })).toBe(
    "Not adopted, objections by Seoul and Tokyo: Adopt?",
  );
  expect(closed({ result: "no_quorum", tally: { ...tally, present: 6 }, quorum: { members: 14, needed: 8 } })).toBe(
    "Nothing decided, 6 of 14 members present, 8 needed: Adopt?",
  );
  expect(closed({ result: "no_quorum" })).toBe("Nothing decided, no quorum: Adopt?");
  expect(
    says(event(1, "decision.withdrawn", { decision: decision({ state: "withdrawn" }), by: "moderator-1" }), viewer),
  ).toBe("The chair has withdrawn the question: Adopt?");
  const objected = event(1, "decision.objected", {
    decision: decision({ objections: [{ delegation: "seoul", by: "seoul-1", at: "", reason: "Too early" }] }),
  });
  expect(says(objected, viewer)).toBe("Seoul objects: “Too early”");
});

it("a delegation is told of the vote that another has given for it", () => {
  const before = { ...speaking(), decisions: [decision()] };
  const roll = (by: string) =>
    event(1, "decision.voted", {
      decision: decision({
        roll: [
          { delegation: "tokyo", choice: "yes", by, at: "2021-10-12T01:00:09Z" },
          { delegation: "seoul", choice: "yes" },
        ],
      }),
    });
  expect(says(roll("clerk-1"), tokyo, before)).toBe("The vote of your delegation has been recorded: Yes. [you]");
  expect(says(roll("tokyo-1"), tokyo, before)).toBeNull();
  expect(says(roll("clerk-1"), viewer, before)).toBeNull();
  expect(says(roll("clerk-1"), seoul, before)).toBeNull();
});

it("the list, the meeting, the agenda, the chair and the rules are for everybody", () => {
  const list = (
    type: "list.opened" | "list.closed" | "list.reopened" | "list.replies" | "list.concluded" | "list.resumed",
  ) => says(event(1, type, { list: { state: "open" } }), viewer);
  expect(list("list.opened")).toBe("The list of speakers is open.");
  expect(list("list.closed")).toBe("The list of speakers is closed.");
  expect(list("list.reopened")).toBe("The list of speakers is open again.");
  expect(list("list.replies")).toBe("The statements are over. Rights of reply follow.");
  expect(list("list.concluded")).toBe("The list of speakers is concluded.");
  expect(list("list.resumed")).toBe("The meeting is resumed.");
  expect(
    says(event(1, "list.close_announced", { list: { state: "open", closes_at: "2021-10-12T01:10:00Z" } }), viewer),
  ).toMatch(/^The list of speakers closes at \d\d:\d\d\.$/);
  expect(says(event(1, "list.close_announced", { list: { state: "open" } }), viewer)).toBe(
    "The list of speakers stays open.",
  );
  const adjourned = event(1, "list.adjourned", { list: { state: "adjourned" } });
  expect(says(adjourned, viewer)).toBe("The chair has adjourned the meeting.");
  expect(says(adjourned, tokyo)).toBe(
    "The chair has adjourned the meeting. Your speech is paused, and its time is kept. [you lost]",
  );
  const item = {
    id: "i1",
    title: "Rivers in cities",
    kind: "debate",
    starts: "",
    minutes: 30,
    speakers: [],
    state: "on",
  } as const;
  expect(says(event(1, "agenda.started", { item: { ...item, speakers: [] }, by: "moderator-1" }), viewer)).toBe(
    "Now: Rivers in cities",
  );
  expect(says(event(1, "agenda.ended", { item: { ...item, speakers: [] }, by: "moderator-1" }), viewer)).toBe(
    "Ended: Rivers in cities",
  );
  expect(says(event(1, "chair.changed", { chair: null }), viewer)).toBe("The chair is vacant.");
  expect(says(event(1, "chair.changed", { chair: "moderator-1", by: "moderator-1" }), viewer)).toBe(
    "Mayor Chen is in the chair.",
  );
  expect(says(event(1, "chair.changed", { chair: "moderator-1", by: "moderator-1" }), chair)).toBe(
    "You are in the chair. [you]",
  );
  expect(says(event(1, "chair.changed", { chair: "moderator-1", by: "moderator-2" }), chair)).toBe(
    "You are in the chair. [you ask]",
  );
  expect(says(event(1, "floor.settings", { settings: settings() }), viewer)).toBe(
    "The chair has changed the rules of the floor.",
  );
  expect(says(event(1, "floor.restarted", { down_since: "" }), viewer)).toBe(
    "The server was restarted. Clocks stood still meanwhile.",
  );
  expect(says(event(1, "room.draining"), viewer)).toMatch(/^The server is restarting/);
});

it("a mute is told to the participant who is muted, and the chair's lost connection to everybody", () => {
  const changed = (id: string, change: object) =>
    event(1, "participant.updated", {
      participant: { ...speaking().participants.find(({ person }) => person === id)!, ...change },
    });
  expect(says(changed("tokyo-1", { muted: true }), tokyo)).toBe(
    "The chair has muted you. Nobody hears you. [you lost]",
  );
  expect(says(changed("tokyo-1", { muted: true }), viewer)).toBe("The chair has muted Tokyo delegate.");
  expect(says(changed("moderator-1", { state: "away" }), viewer)).toBe(
    "Mayor Chen, who is in the chair, has lost the connection.",
  );
  expect(says(changed("tokyo-1", { state: "away" }), viewer)).toBeNull();
  expect(says(event(1, "participant.left", { person: "seoul-1", reason: "removed" }), viewer)).toBe(
    "Seoul delegate has been removed from the room.",
  );
  expect(says(event(1, "participant.left", { person: "seoul-1", reason: "moved", to: "covid" }), viewer)).toBe(
    "Seoul delegate has been moved to “COVID-19”.",
  );
  expect(says(event(1, "participant.left", { person: "seoul-1", reason: "lost" }), viewer)).toBeNull();
  expect(says(event(1, "participant.left", { person: "seoul-1", reason: "removed" }), seoul)).toBeNull();
});

it("a channel is told to its interpreter, its listeners and those who answer for it", () => {
  const kenji: Reader = { person: "kenji", delegation: null, may: INTERPRETER };
  const before = (change = {}) => ({ ...speaking(), channels: [channel("ja", change)] });
  const assigned = event(1, "channel.changed", { channel: channel("ja", { interpreter: "kenji" }), by: "moderator-1" });
  expect(says(assigned, kenji, before())).toBe("You have been given the 日本語 channel. [you ask]");
  expect(
    says(
      event(1, "channel.changed", { channel: channel("ja"), by: "moderator-1" }),
      kenji,
      before({ interpreter: "kenji" }),
    ),
  ).toBe("You no longer have the 日本語 channel. [you lost]");
  const interrupted = event(1, "channel.changed", { channel: channel("ja", { state: "interrupted", lost: "kenji" }) });
  const on = before({ state: "interpreted", interpreter: "kenji" });
  expect(says(interrupted, { ...chair, may: [...MODERATOR, "channel.assign"] }, on)).toBe(
    "Interpretation into 日本語 is interrupted. Its listeners hear the floor.",
  );
  expect(says(interrupted, { ...seoul, listensTo: "ja" }, on)).toBe(
    "Interpretation into 日本語 is interrupted. Its listeners hear the floor. [elsewhere]",
  );
  expect(says(interrupted, { ...seoul, listensTo: "floor" }, on)).toBeNull();
  expect(
    says(
      event(1, "channel.changed", {
        channel: channel("ja", { state: "interpreted", interpreter: "kenji" }),
        by: "kenji",
      }),
      kenji,
      before(),
    ),
  ).toBeNull();
});

it("a notice of the operators is for everybody", () => {
  expect(says({ seq: 1, at: "", type: "notice.posted", text: "Lunch at noon", by: "operator-1" }, viewer)).toBe(
    "Notice: Lunch at noon [notice]",
  );
});

it("a recorded address that cannot go on, or is not played, is told; the rest of it the speech tells", () => {
  const recorded = {
    media: "mayor-address",
    name: "The mayor's address",
    position_ms: 190_000,
    duration_ms: 420_000,
    running: false,
    generation: 1,
    from_ms: 0,
  };
  const of = { about: "r1", speaker: "tokyo-1", recorded };
  for (const type of [
    "recording.started",
    "recording.resumed",
    "recording.ended",
    "recording.stopped",
    "recording.stalled",
  ] as const)
    expect(says(event(1, type, of), viewer)).toBeNull();
  expect(says(event(1, "recording.paused", { ...of, cause: "chair" }), viewer)).toBeNull();
  expect(says(event(1, "recording.sought", { ...of, from_ms: 10_000 }), viewer)).toBeNull();
  const failed = event(1, "recording.stalled", { ...of, reason: "the disk is gone" });
  expect(says(failed, viewer)).toBe("The recorded address cannot go on: the disk is gone.");
  const chair: Reader = { ...viewer, person: "moderator-1" };
  expect(says(failed, chair)).toBe("The recorded address cannot go on: the disk is gone. [you ask]");
  const refused = event(1, "recording.refused", {
    item: "climate-1",
    media: "mayor-address",
    code: "floor_full",
    detail: "Every microphone is taken.",
    by: "moderator-1",
  });
  expect(says(refused, viewer)).toBe("The recording of this item is not played. Every microphone is taken.");
});

it("whoever is played hears of it as news, and is neither called nor silenced", () => {
  const change = { kind: "address", state: "granted", substate: "live" } as const;
  const of = { request: request("r1", change), speech: speech("r1", { kind: "address" }) };
  const mayor: Reader = { ...viewer, person: "tokyo-1" };
  expect(says(event(1, "floor.granted", of), mayor)).toBe(
    "Your recorded address is being played. Your own devices are not heard meanwhile. [you]",
  );
  for (const type of ["floor.suspended", "floor.resumed", "floor.released"] as const)
    expect(says(event(1, type, { ...of, cause: "chair" } as never), mayor)).not.toContain("[you");
  const stopped = event(1, "floor.revoked", { ...of, reason: "The recording was stopped.", by: "moderator-1" });
  expect(says(stopped, mayor)).toBe(says(stopped, viewer));
  expect(says(stopped, viewer)).toContain("has stopped the recorded address of");
});

it("an undone step says what came of it", () => {
  // Tokyo spoke, Seoul was called by mistake.
  const before = speaking({ granted: [granted], speeches: [ofSeoul] });
  const restored = {
    requests: [
      request("r1", { state: "granted", substate: "live" }),
      { ...granted, state: "accepted" as const, substate: null },
    ],
    speeches: [speech("r1")],
  };
  const undone = (command: "floor.next" | "floor.grant" | "floor.deny" | "floor.pass", former: Partial<FormerState>) =>
    event(1, "floor.undone", { of: 1, command, restored: { order: [], ...former }, by: "moderator-1" });
  const next = undone("floor.next", restored);
  expect(says(next, tokyo, before)).toBe("The chair has undone the last step: you have the floor again. [you floor]");
  expect(says(next, seoul, before)).toBe(
    "The chair has undone the last step: you do not have the floor yet. [you lost]",
  );
  expect(says(next, viewer, before)).toBe("The chair has undone the last step: Tokyo delegate has the floor again.");
  const grant = undone("floor.grant", { requests: [restored.requests[1]!] });
  expect(says(grant, viewer, before)).toBe(
    "The chair has undone the last step: Seoul delegate does not have the floor yet.",
  );
  const pending = { requests: [request("r7", { state: "pending" })] };
  const deny = undone("floor.deny", pending);
  expect(says(deny, tokyo, before)).toBe("The chair has undone the denial: your request stands again. [you ask]");
  expect(says(deny, viewer, before)).toBe("The chair has undone the last step.");
  expect(says(undone("floor.pass", pending), tokyo, before)).toBe(
    "The chair has undone the last step: your request is as it was. [you ask]",
  );
});

it("a postponed item and a plea for slower speech are said to whom they concern", () => {
  const item = {
    id: "i1",
    title: "Rivers",
    kind: "debate",
    starts: "",
    minutes: 30,
    speakers: [],
    state: "planned",
  } as const;
  const postponed = (by_minutes: number | null) =>
    event(1, "agenda.postponed", { item: { ...item, speakers: [] }, by_minutes, by: "moderator-1" });
  expect(says(postponed(10), viewer)).toBe("Postponed by 10 minutes: Rivers");
  expect(says(postponed(null), viewer)).toBe("Postponed to the end: Rivers");
  const slower = (language: string | null) =>
    event(1, "speech.slower_asked", { speakers: ["tokyo-1"], language, by: "kenji" });
  expect(says(slower("ja"), tokyo)).toBe("Please speak more slowly, for the interpreters. [you ask]");
  expect(says(slower("ja"), chair)).toBe("The interpreter into 日本語 asks for slower speech.");
  expect(says(slower(null), chair)).toBe("The interpreter asks for slower speech.");
});

it("what the page itself shows makes no line", () => {
  const silent: RoomEvent[] = [
    event(1, "participant.joined", { participant: participant("delhi-1", "Delhi delegate") }),
    event(1, "participant.admitted", { person: "delhi-1" }),
    event(1, "chat.posted", { id: 1, from: "delhi-1", to: "room", text: "Hello" }),
    event(1, "floor.timer", { speech: speech("r1") }),
    event(1, "floor.item", { agreed: [] }),
    event(1, "floor.item_ended"),
    event(1, "floor.roll_call", { open: true }),
    event(1, "floor.connected", { person: "delhi-1" }),
    event(1, "floor.disconnected", { person: "delhi-1" }),
    event(1, "room.clock_moved", { was: "", cause: "set" }),
    event(1, "proceedings.corrected", { text: "Thirty, not thirteen", by: "clerk-1" }),
    event(1, "conference.recorded", {
      facts: {
        conference: "",
        delegations: [],
        items: [],
        name: "",
        people: [],
        room: "",
        theme: "",
        time_zone: "",
        title: "",
      },
    }),
    event(1, "hidden"),
    event(1, "floor.undoable", { id: 1, command: "floor.pass", before: { order: [] }, until: "2021-10-12T01:05:10Z" }),
    event(1, "help.closed", { message: 1, from: "tokyo-1", by: "tokyo-1" }),
  ];
  expect(silent.map((each) => says(each, tokyo))).toEqual(silent.map(() => null));
});

it("the takes and gaps of the recording are for the record and for nobody who listens", () => {
  const take = {
    id: "t1",
    participant: "tokyo-1",
    source: "microphone",
    from: "",
    to: "",
    bytes: 1,
    sha256: "00",
    media_type: "audio/webm",
  } as const;
  expect(says(event(1, "record.take", take), viewer)).toBeNull();
  expect(says(event(2, "record.take_deleted", { id: "t1", reason: "retention" }), viewer)).toBeNull();
  expect(says(event(3, "record.gap", { from: "", to: "", reason: "disk_slow" }), viewer)).toBeNull();
});

it("everybody is told that the recording begins and ends, and by whom", () => {
  expect([
    says(event(1, "record.started", { by: "moderator-1" }), tokyo),
    says(event(1, "record.started"), viewer),
    says(event(1, "record.stopped", { by: "operator-1" }), viewer),
    says(event(1, "record.stopped"), viewer),
  ]).toEqual([
    "Mayor Chen has started the recording of this room.",
    "The recording of this room has begun.",
    "Operator has stopped the recording of this room.",
    "The recording of this room has ended.",
  ]);
});

it("a recording that stopped by itself says why, and alerts those who can start it again", () => {
  const failed = event(1, "record.stopped", { reason: "disk_full" });
  const words = "The recording stopped by itself, because the server’s disk is full. The meeting goes on.";
  expect(says(failed, tokyo)).toBe(words);
  expect(bandLine(speaking(), failed, { ...tokyo, may: [...tokyo.may, "record.start"] })).toMatchObject({
    tone: "bad",
    alert: "notice",
  });
});

it("whoever comes in reads how things stand", () => {
  const stands = (r: Room, me = viewer) => sentence(standingLine(r, me), r, conference);
  expect(stands(speaking())).toBe("Tokyo delegate has the floor.");
  expect(stands(speaking(), tokyo)).toBe("You have the floor.");
  expect(stands(speaking({ granted: [] }))).toBe("Nobody has the floor.");
  expect(stands(speaking({ list: { state: "adjourned" } }))).toBe("The meeting is adjourned.");
  expect(stands({ ...speaking(), decisions: [decision()] })).toBe("A roll call is being taken: Adopt?");
});

it("every sentence of the band is there in Chinese with its names and figures", async () => {
  await setLanguage("zh-Hant-TW");
  expect(
    says(event(1, "floor.revoked", { request: over, speech: ended, reason: "請回到主題", by: "moderator-1" }), tokyo),
  ).toBe("主席已終止您的發言：「請回到主題」 [you lost]");
  expect(says(event(1, "floor.released", { request: over, speech: ended }), viewer)).toBe(
    "Tokyo delegate 發言結束，共 4 分鐘 12 秒。",
  );
  await setLanguage("en");
});

it("every sentence had a value for each of its gaps", () => {
  expect(said.length).toBeGreaterThan(100);
  const gaps = said.flatMap(({ key, values }) =>
    [...english[key].matchAll(/\{(\w+)\}/g)]
      .map(([, name]) => [key, name ?? ""] as const)
      .filter(([, name]) => values[name] === undefined),
  );
  expect(gaps).toEqual([]);
});

it("every type of event was read", () => {
  const types = Object.keys(EVERY_EVENT).filter((type) => !read.has(type));
  expect(types).toEqual([]);
});

const dated = (id: number, shownAt: number, change: Partial<DatedLine> = {}): DatedLine => ({
  id,
  at: null,
  shownAt,
  tone: "info",
  key: "band.called",
  values: {},
  concerns: "room",
  ...change,
});

it("the newest line is shown, but one that alerts the participant stands for some seconds", () => {
  const call = dated(1, 1_000, { concerns: "you", alert: "floor" });
  const lines = [call, dated(2, 1_500), dated(3, 1_600, { minor: true })];
  expect(shownLine(lines, 2_000)?.id).toBe(1);
  expect(shownLine(lines, 10_000)?.id).toBe(2);
  expect(shownLine([...lines, dated(4, 2_000, { concerns: "you", alert: "lost" })], 2_100)?.id).toBe(4);
  expect(shownLine([], 0)).toBeNull();
});

it("a call for help is told to the operators, and its answer to the caller alone", () => {
  const operator: Reader = { person: "operator-1", delegation: null, may: VIEWER };
  const call = event(1, "chat.posted", {
    id: 4,
    from: "tokyo-1",
    to: "operators",
    text: "I hear nothing.\nMicrophone: on · Chrome 139",
    help: true,
  });
  expect(says(call, operator)).toBe("Tokyo delegate calls for help: I hear nothing. [notice]");
  expect(says(call, tokyo)).toBeNull();
  expect(
    says(event(1, "chat.posted", { id: 5, from: "tokyo-1", to: "room", text: "Good morning." }), operator),
  ).toBeNull();
  expect(
    says(event(2, "help.closed", { message: 4, from: "tokyo-1", by: "operator-1", text: "Reload the page." }), tokyo),
  ).toBe("The operators answer: Reload the page. [you notice]");
  expect(says(event(2, "help.closed", { message: 4, from: "tokyo-1", by: "operator-1" }), tokyo)).toBe(
    "The operators have closed your call for help. [you]",
  );
  expect(says(event(2, "help.closed", { message: 4, from: "tokyo-1", by: "tokyo-1" }), tokyo)).toBeNull();
  expect(
    says(
      event(2, "help.closed", { message: 4, from: "tokyo-1", by: "operator-1", text: "Reload the page." }),
      operator,
    ),
  ).toBeNull();
});

it("the title of an item follows the language of the page, also in a sentence that was said before", async () => {
  const titles = { en: "Rivers", "zh-Hant-TW": "河川" };
  const line = bandLine(
    room(),
    event(1, "agenda.started", {
      item: { id: "i1", title: "Rivers", titles, kind: "debate", starts: "", minutes: 30, speakers: [], state: "on" },
      by: "moderator-1",
    }),
    viewer,
  );
  expect(line && sentence(line, room(), conference)).toBe("Now: Rivers");
  await setLanguage("zh-Hant-TW");
  expect(line && sentence(line, room(), conference)).toContain("河川");
  await setLanguage("en");
});
