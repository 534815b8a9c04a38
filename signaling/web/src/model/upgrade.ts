/** What an old page would lose if it were loaded anew. */
export interface PageUse {
  /** Others depend on what this device sends now, or will in a moment. */
  live: boolean;
  /** Something is being written, read or decided on the page. */
  busy: boolean;
  /** The reload would not find the seat again, because the browser keeps nothing. */
  forgetful: boolean;
  /** After a reload the browser may play no sound until the page is touched. */
  onlyListens: boolean;
}

/** Whether an old page may be replaced by the server's new one without a question. */
export function mayReload({ live, busy, forgetful, onlyListens }: PageUse): boolean {
  return !live && !busy && !forgetful && !onlyListens;
}

/** The address of the page's own code, which is named after its content. `null` where the page has none, as a proxy's has. */
export function scriptOf(page: string, base: string): string | null {
  const [, source] = /<script[^>]*\ssrc="([^"]+\/index-[^"]+\.js)"/.exec(page) ?? [];
  return source ? new URL(source, base).href : null;
}
