import { describe, expect, it } from "vitest";
import { microphoneState, NO_RECEPTION } from "../src/model/live-state";
import { mayOf } from "../src/model/permissions";
import { endingOf, mayCall, otherIn, ownTalk, talkOf } from "../src/model/talks";
import type { Talk, TalkEnded } from "../src/model/types";
import { participant, room } from "./examples";

const AT = "2021-10-12T01:00:00Z";

const ringing: Talk = { id: "t1", caller: "tokyo-1", callee: "seoul-1", state: "ringing", since: AT };
const answered: Talk = { ...ringing, state: "talking" };
const ended = (change: Partial<TalkEnded> = {}): TalkEnded => ({
  id: "t1",
  caller: "tokyo-1",
  callee: "seoul-1",
  why: "hung_up",
  by: "seoul-1",
  ...change,
});

describe("the own side talk", () => {
  it("is none where two others talk, which staff may see", () => {
    expect(ownTalk([answered], "moderator-1")).toEqual({ phase: "none" });
    expect(talkOf([answered], "seoul-1")).toBe(answered);
    expect(otherIn(answered, "seoul-1")).toBe("tokyo-1");
  });

  it("rings at the one who is called, on every device, and is a call on the device that calls", () => {
    expect(ownTalk([ringing], "seoul-1")).toEqual({ phase: "ringing", id: "t1", other: "tokyo-1", offers: false });
    expect(ownTalk([{ ...ringing, here: true }], "tokyo-1").phase).toBe("calling");
    expect(ownTalk([ringing], "tokyo-1").phase).toBe("elsewhere");
    expect(talkOf([ringing], "seoul-1")).toBeUndefined();
  });

  it("is held on the one device that has it, and the caller makes the offer", () => {
    const here = { ...answered, here: true };
    expect(ownTalk([here], "tokyo-1")).toEqual({ phase: "talking", id: "t1", other: "seoul-1", offers: true });
    expect(ownTalk([here], "seoul-1")).toMatchObject({ phase: "talking", offers: false });
    expect(ownTalk([answered], "seoul-1").phase).toBe("elsewhere");
  });
});

describe("the end of a side talk", () => {
  const talking = ownTalk([{ ...answered, here: true }], "tokyo-1");
  const called = ownTalk([ringing], "seoul-1");
  const calling = ownTalk([{ ...ringing, here: true }], "tokyo-1");

  it("is told to the one who did not end it", () => {
    expect(endingOf(talking, ended(), "tokyo-1")).toEqual({ says: "hung_up", other: "seoul-1" });
    expect(endingOf(talking, ended({ by: "tokyo-1" }), "tokyo-1")).toBeNull();
    expect(endingOf(calling, ended({ why: "refused" }), "tokyo-1")?.says).toBe("refused");
    expect(endingOf(called, ended({ why: "refused" }), "seoul-1")).toBeNull();
  });

  it("is a missed call for the one who was called and did not answer", () => {
    const unanswered = ended({ why: "unanswered", by: undefined });
    expect(endingOf(calling, unanswered, "tokyo-1")?.says).toBe("unanswered");
    expect(endingOf(called, unanswered, "seoul-1")).toEqual({ says: "missed", other: "tokyo-1" });
    expect(endingOf(called, ended({ by: "tokyo-1" }), "seoul-1")?.says).toBe("missed");
  });

  it("says who was called to the floor, and who closed it", () => {
    const floor = ended({ why: "floor", by: "tokyo-1" });
    expect(endingOf(talking, floor, "tokyo-1")?.says).toBe("floor_you");
    expect(endingOf(called, floor, "seoul-1")?.says).toBe("floor_other");
    const closed = ended({ why: "closed", by: "moderator-1" });
    expect(endingOf(talking, closed, "tokyo-1")).toEqual({ says: "closed", other: "seoul-1", by: "moderator-1" });
  });

  it("is told also where the server says nothing of it, and of no path to both", () => {
    expect(endingOf(talking, undefined, "tokyo-1")).toEqual({ says: "ended", other: "seoul-1" });
    expect(endingOf(talking, ended({ why: "no_path", by: "tokyo-1" }), "tokyo-1")?.says).toBe("no_path");
  });
});

describe("a call for a side talk", () => {
  const delegate = mayOf(["talk.call"]);
  const seoul = participant("seoul-1", "Seoul delegate");

  it("is offered for those who can be given the floor and are here", () => {
    expect(mayCall(room(), delegate, "tokyo-1", seoul)).toBe(true);
    expect(mayCall(room(), delegate, "seoul-1", seoul)).toBe(false);
    expect(mayCall(room(), mayOf([]), "viewer-1", seoul)).toBe(false);
    expect(mayCall(room(), delegate, "tokyo-1", { ...seoul, state: "away" })).toBe(false);
    expect(mayCall(room(), delegate, "tokyo-1", { ...seoul, role: "interpreter" })).toBe(false);
  });

  it("is not offered in a room that has none", () => {
    expect(mayCall({ ...room(), side_talks: false }, delegate, "tokyo-1", seoul)).toBe(false);
  });
});

it("a microphone that the other one hears is no trouble, although the server hears nothing", () => {
  const own = { source: { phase: "on", silent: false } as never, on: true, publishing: true, mutedByChair: false };
  expect(microphoneState({ ...own, aside: true }, { ...NO_RECEPTION, microphone: false }, 60_000)).toBe("aside");
});
