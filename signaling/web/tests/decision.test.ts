import { expect, it } from "vitest";
import { openDecision, voiceIn, votesGiven } from "../src/model/decision";
import { reduce } from "../src/model/reduce";
import type { Decision } from "../src/model/types";
import { event, room, tokyo } from "./examples";

const decision = (change: Partial<Decision> = {}): Decision => ({
  id: "d1", kind: "roll_call", question: "Adopt?", state: "open",
  roll: [{ delegation: "tokyo" }, { delegation: "seoul", choice: "yes" }],
  objections: [], tally: { yes: 1, no: 0, abstain: 0, absent: 1 }, ...change,
});
const you = { ...tokyo, delegation: "tokyo" };

it("a delegation on the roll votes, and may change its vote while it is open", () => {
  expect(voiceIn(decision(), you)).toMatchObject({ votes: true, given: null, objects: false });
  expect(voiceIn(decision({ roll: [{ delegation: "tokyo", choice: "no" }] }), you)).toMatchObject({ votes: true, given: "no" });
  expect(voiceIn(decision({ state: "closed" }), you).votes).toBe(false);
});

it("who is not on the roll, and who is no delegate, has no voice", () => {
  expect(voiceIn(decision(), { ...you, delegation: "brussels" })).toMatchObject({ votes: false, objects: false });
  expect(voiceIn(decision(), { ...you, role: "moderator", delegation: null }).votes).toBe(false);
});

it("where nobody is to object, a delegation on the roll may, once", () => {
  expect(voiceIn(decision({ kind: "no_objection" }), you)).toMatchObject({ votes: false, objects: true, objected: false });
  expect(voiceIn(decision({ kind: "no_objection", objections: [{ delegation: "tokyo" }] }), you).objected).toBe(true);
});

it("decisions follow their events, and one at a time is open", () => {
  const opened = reduce(room(), event(1, "decision.opened", { decision: decision() }));
  expect(openDecision(opened.decisions ?? [])?.id).toBe("d1");
  const voted = reduce(opened, event(2, "decision.voted", { decision: decision({ roll: [{ delegation: "tokyo", choice: "abstain" }, { delegation: "seoul", choice: "yes" }] }) }));
  expect(votesGiven(voted.decisions![0]!)).toBe(2);
  const closed = reduce(voted, event(3, "decision.closed", { decision: decision({ state: "closed", result: "adopted" }) }));
  expect(openDecision(closed.decisions ?? [])).toBeNull();
  expect(closed.decisions).toHaveLength(1);
});
