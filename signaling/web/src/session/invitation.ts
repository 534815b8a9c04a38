const KEY = "plenary.invitation";
const SEATED = "plenary.seated";

/**
 * The secret of the link. It is taken out of the address at once, so that no screenshot, bookmark or shared screen
 * shows it, and kept for this tab only, so that a reload finds its seat again.
 */
export function takeInvitation(): string | null {
  const fromLink = new URLSearchParams(location.hash.slice(1)).get("i");
  if (fromLink) {
    if (fromLink !== sessionStorage.getItem(KEY)) sessionStorage.removeItem(SEATED);
    sessionStorage.setItem(KEY, fromLink);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(KEY);
}

/** The room in which this tab was seated before a reload, if any. */
export function seatedRoom(): string | null {
  return sessionStorage.getItem(SEATED);
}

export function rememberSeat(room: string | null): void {
  if (room === null) sessionStorage.removeItem(SEATED);
  else sessionStorage.setItem(SEATED, room);
}
