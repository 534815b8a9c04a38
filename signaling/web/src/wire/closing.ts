/** What follows when the connection closes. */
export type AfterClose = "reconnect" | "redeem" | "forbidden" | "replaced";

/** Reads a close code of the contract. Anything unexpected is a fault of the network, and mended by coming back. */
export function afterClose(code: number): AfterClose {
  switch (code) {
    case 4401: return "redeem";
    case 4403: return "forbidden";
    case 4409: return "replaced";
    default: return "reconnect";
  }
}
