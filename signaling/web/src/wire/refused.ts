import type { Problem } from "./generated/socket";

/** A refusal by the server. The problem's fields are optional, because a proxy may answer in the server's place. */
export class Refused extends Error {
  constructor(readonly problem: Partial<Problem>) {
    super(problem.detail ?? problem.title ?? problem.code ?? "refused");
  }

  /** Reads the body of an HTTP answer, an RFC 9457 problem document if it comes from the server. */
  static of(body: unknown, status: number): Refused {
    const problem: Partial<Problem> = typeof body === "object" && body !== null ? body : {};
    return new Refused({ ...problem, status });
  }
}

/** The connection closed before the reply came, so it is unknown whether the command was executed. */
export class Unanswered extends Error {}

/** Whether the server no longer takes a token, or the invitation. A proxy's own 401 has no code, and says nothing of either. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof Refused && error.problem.status === 401 && error.problem.code === "unauthorized";
}

/** Whether the server refuses the invitation itself. Everything else may be different the next time. */
export function refusesInvitation(error: unknown): boolean {
  if (!(error instanceof Refused)) return false;
  return isUnauthorized(error) || error.problem.code === "invalid" || error.problem.code === "too_large";
}
