/** The server does not take the token. */
export const UNAUTHORIZED = 4401;
/** There is too much of something now; it may be tried again. */
export const RATE_LIMITED = 4429;

/** What the page does when the connection closes. */
export type AfterClose = "reconnect" | "redeem" | "forbidden" | "replaced";

/** Reads a close code (docs/protocol.md). Any other code is a network fault, and the page reconnects. */
export function afterClose(code: number): AfterClose {
  switch (code) {
    case UNAUTHORIZED:
      return "redeem";
    case 4403:
      return "forbidden";
    case 4409:
      return "replaced";
    default:
      return "reconnect";
  }
}
