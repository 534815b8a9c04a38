import { asksToSpeak, mayOf } from "./permissions";
import type { Choice, Decision, You } from "./types";

/** The open decision. There is one at a time. */
export function openDecision(decisions: Decision[]): Decision | null {
  return decisions.find((d) => d.state === "open") ?? null;
}

/** What this participant may do with an open decision. */
export interface OwnVote {
  /** Whether the delegation is on the roll, and so has a vote. */
  votes: boolean;
  /** The vote that it has given and may still change. */
  given: Choice | null;
  /** Whether it may object, and whether it has. */
  objects: boolean;
  objected: boolean;
}

/** A delegate votes for a delegation on the roll, which is frozen when the decision opens. */
export function ownVoteIn(decision: Decision, you: Pick<You, "may" | "delegation">): OwnVote {
  const own = asksToSpeak(mayOf(you.may))
    ? decision.roll.find((entry) => entry.delegation === you.delegation)
    : undefined;
  const open = decision.state === "open";
  return {
    votes: open && decision.kind === "roll_call" && own !== undefined,
    given: own?.choice ?? null,
    objects: open && decision.kind === "no_objection" && own !== undefined,
    objected: decision.objections.some((o) => o.delegation === you.delegation),
  };
}

/** The number of delegations that have voted. */
export function votesGiven(decision: Decision): number {
  return decision.roll.filter((entry) => entry.choice).length;
}
