import { expect, it } from "vitest";
import { openDecision, ownVoteIn, votesGiven } from "../src/model/decision";
import { reduce } from "../src/model/reduce";
import { decision, event, MODERATOR, room, tokyo } from "./examples";

const you = { ...tokyo, delegation: "tokyo" };

it("a delegation on the roll votes, and may change its vote while it is open", () => {
  expect(ownVoteIn(decision(), you)).toMatchObject({ votes: true, given: null, objects: false });
  expect(ownVoteIn(decision({ roll: [{ delegation: "tokyo", choice: "no" }] }), you)).toMatchObject({
    votes: true,
    given: "no",
  });
  expect(ownVoteIn(decision({ state: "closed" }), you).votes).toBe(false);
});

it("a delegation that is not on the roll, and a participant who may not ask for the floor, have no vote", () => {
  expect(ownVoteIn(decision(), { ...you, delegation: "brussels" })).toMatchObject({ votes: false, objects: false });
  expect(ownVoteIn(decision(), { ...you, may: MODERATOR }).votes).toBe(false);
});

it("a delegation on the roll may object, once, where an objection is asked for", () => {
  expect(ownVoteIn(decision({ kind: "no_objection" }), you)).toMatchObject({
    votes: false,
    objects: true,
    objected: false,
  });
  expect(
    ownVoteIn(
      decision({
        kind: "no_objection",
        objections: [{ delegation: "tokyo", by: "tokyo-1", at: "2021-10-12T01:00:00Z" }],
      }),
      you,
    ).objected,
  ).toBe(true);
});

it("decisions follow their events, and one at a time is open", () => {
  const opened = reduce(room(), event(1, "decision.opened", { decision: decision() }));
  expect(openDecision(opened.decisions)?.id).toBe("d1");
  const voted = reduce(
    opened,
    event(2, "decision.voted", {
      decision: decision({
        roll: [
          { delegation: "tokyo", choice: "abstain" },
          { delegation: "seoul", choice: "yes" },
        ],
      }),
    }),
  );
  expect(votesGiven(voted.decisions[0]!)).toBe(2);
  const closed = reduce(
    voted,
    event(3, "decision.closed", { decision: decision({ state: "closed", result: "adopted" }) }),
  );
  expect(openDecision(closed.decisions)).toBeNull();
  expect(closed.decisions).toHaveLength(1);
});
