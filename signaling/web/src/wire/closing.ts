/** What the page does when the connection closes. */
export type AfterClose = "reconnect" | "redeem" | "forbidden" | "replaced";

/** Reads a close code (docs/protocol.md). Any other code is a network fault, and the page reconnects. */
export function afterClose(code: number): AfterClose {
  switch (code) {
    case 4401:
      return "redeem";
    case 4403:
      return "forbidden";
    case 4409:
      return "replaced";
    default:
      return "reconnect";
  }
}
