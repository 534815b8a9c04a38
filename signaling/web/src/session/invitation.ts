const INVITATION_KEY = "plenary.invitation";
const SEATED_KEY = "plenary.seated";

/**
 * Reads the secret of the link. It is removed from the address at once, so that no screenshot, bookmark or shared screen
 * shows it, and kept for this tab only, so that a reload finds the seat again.
 */
export function takeInvitation(): string | null {
  const fromLink = new URLSearchParams(location.hash.slice(1)).get("i");
  if (fromLink) {
    if (fromLink !== sessionStorage.getItem(INVITATION_KEY)) sessionStorage.removeItem(SEATED_KEY);
    sessionStorage.setItem(INVITATION_KEY, fromLink);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(INVITATION_KEY);
}

/** The room in which this tab was seated before a reload, if any. */
export function seatedRoom(): string | null {
  return sessionStorage.getItem(SEATED_KEY);
}

export function rememberSeat(room: string | null): void {
  if (room === null) sessionStorage.removeItem(SEATED_KEY);
  else sessionStorage.setItem(SEATED_KEY, room);
}
