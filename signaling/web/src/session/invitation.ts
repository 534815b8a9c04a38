import { findSecret } from "./link";
import { keep, kept } from "./storage";

const INVITATION_KEY = "plenary.invitation";
const SETTINGS_KEY = "plenary.link-settings";
const DISPLAY_KEY = "plenary.display";
const SEATED_KEY = "plenary.seated";

/** The secret in the fragment of a link, if it has one. What is no secret counts too, so that the server says what is wrong. */
export function secretIn(hash: string): string | null {
  return findSecret(hash) ?? (new URLSearchParams(hash.replace(/^#/, "")).get("i") || null);
}

/**
 * Takes the secret out of the address at once, so that no screenshot, bookmark or shared screen shows it, and keeps it for
 * this tab only, so that a reload finds the seat again. `null` where the address has none.
 */
export function takeLink(): string | null {
  const secret = secretIn(location.hash);
  if (!secret) return null;
  if (secret !== keptInvitation()) rememberSeat(null);
  keep("tab", INVITATION_KEY, secret);
  keep("tab", SETTINGS_KEY, settingsIn(location.hash));
  history.replaceState(null, "", location.pathname + location.search);
  return secret;
}

/** The secret of the link that this tab was opened with. */
export function keptInvitation(): string | null {
  return kept("tab", INVITATION_KEY);
}

const SETTINGS = ["lang", "sound", "subtitles"] as const;

/** The settings beside the secret in a link, without the secret. */
export function settingsIn(hash: string): string {
  const all = new URLSearchParams(hash.replace(/^#/, ""));
  return String(new URLSearchParams(SETTINGS.flatMap((name) => (all.has(name) ? [[name, all.get(name) ?? ""]] : []))));
}

/** A setting of the link that this tab was opened with: `lang` in `#i=…&lang=en`. */
export function linkSetting(name: (typeof SETTINGS)[number]): string | null {
  return new URLSearchParams(kept("tab", SETTINGS_KEY) ?? "").get(name);
}

/** The room in which this tab was seated before a reload, if any. */
export function seatedRoom(): string | null {
  return kept("tab", SEATED_KEY);
}

export function rememberSeat(room: string | null): void {
  keep("tab", SEATED_KEY, room);
}

/** Whether this tab is the screen of a hall. */
export function isDisplay(): boolean {
  return kept("tab", DISPLAY_KEY) !== null;
}

export function rememberDisplay(display: boolean): void {
  keep("tab", DISPLAY_KEY, display ? "yes" : null);
}
