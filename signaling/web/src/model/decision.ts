import type { Choice, Decision, You } from "./types";

/** The decision the meeting is taking now: there is one at a time. */
export function openDecision(decisions: Decision[]): Decision | null {
  return decisions.find((d) => d.state === "open") ?? null;
}

/** What this person may do about an open decision. */
export interface Voice {
  /** Whether the delegation is on the roll, and so has a vote. */
  votes: boolean;
  /** The vote it has given, which it may still change. */
  given: Choice | null;
  /** Whether it may say that it objects, and has. */
  objects: boolean;
  objected: boolean;
}

/** A delegate speaks for a delegation; a vote needs a place on the roll, which was frozen at the opening. */
export function voiceIn(decision: Decision, you: You): Voice {
  const own = you.role === "delegate" ? decision.roll.find((entry) => entry.delegation === you.delegation) : undefined;
  const open = decision.state === "open";
  return {
    votes: open && decision.kind === "roll_call" && own !== undefined,
    given: own?.choice ?? null,
    objects: open && decision.kind === "no_objection" && own !== undefined,
    objected: decision.objections.some((o) => o.delegation === you.delegation),
  };
}

/** How many of the roll have voted. */
export function votesGiven(decision: Decision): number {
  return decision.roll.filter((entry) => entry.choice).length;
}
