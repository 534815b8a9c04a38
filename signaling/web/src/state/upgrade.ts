import { signal } from "@preact/signals";
import { camera, microphone } from "../media/devices";
import { isQuiet } from "../model/hall";
import { isOnDeck } from "../model/main-action";
import { mayReload, scriptOf, type PageUse } from "../model/upgrade";
import { keep, kept, outlivesReload } from "../session/storage";
import { upload } from "./library";
import { asksToLeave, quietly } from "./leaving";
import { room, screenTrack, you } from "./room";
import { serverNow } from "./server-clock";
import { reading, screen, token } from "./session";
import { onWake } from "./wake";

/** Whether the server has another page than this one, and the participant is asked when to load it. */
export const outdated = signal(false);

const RELOADED_KEY = "plenary.reloaded";
/** How often an old page looks whether it may be reloaded now. */
const LOOK_MS = 5_000;

let newer: string | null = null;
let looking: ReturnType<typeof setInterval> | undefined;

/** Called once: compares this page with the server's whenever the server may have been replaced. */
export function watchForUpgrade(): void {
  // A fresh token comes every few minutes, and a seat that was lost and found is seated anew.
  token.subscribe(() => void compare());
  you.subscribe(() => void compare());
  onWake(() => void compare());
  // A part of the old page that the new server no longer has.
  addEventListener("vite:preloadError", () => void compare());
}

/** Loads the server's page in place of this one. */
export function reload(): void {
  if (newer) keep("tab", RELOADED_KEY, newer);
  quietly(() => location.reload());
}

async function compare(): Promise<void> {
  const own = scriptOf(document.head.innerHTML, document.baseURI);
  if (!own || newer || !token.value) return;
  const page = new URL(".", document.baseURI);
  const text = await fetch(page, { cache: "no-cache" }).then(
    (answer) => (answer.ok ? answer.text() : ""),
    () => "",
  );
  const found = scriptOf(text, page.href);
  // A cache on the way may still give the old page after a reload: once is enough.
  if (!found || found === own || found === kept("tab", RELOADED_KEY)) return;
  newer = found;
  clearInterval(looking);
  looking = setInterval(reloadIfNothingIsLost, LOOK_MS);
  reloadIfNothingIsLost();
}

function reloadIfNothingIsLost(): void {
  outdated.value = !mayReload(use());
  if (!outdated.value) reload();
}

/** Whether the browser played sound on the screen of a hall only after a touch, which a new page would need again. */
export const soundByTouch = signal(false);

function use(): PageUse {
  if (screen.value === "hall") {
    const live = room.value !== null && !isQuiet(room.value, serverNow());
    return { live, busy: false, forgetful: !outlivesReload(), onlyListens: soundByTouch.value };
  }
  const me = you.value;
  const r = screen.value === "room" ? room.value : null;
  const holds = r?.floor.granted.some(({ beneficiary }) => beneficiary === me?.person) ?? false;
  const interprets = r?.channels.some(({ interpreter }) => interpreter === me?.person) ?? false;
  const next = r && me ? isOnDeck(r, me) : false;
  return {
    live: holds || interprets || next || (me !== null && r?.floor.chair === me.person) || screenTrack.value !== null,
    busy: isWriting() || upload.value !== null || reading.value !== null || asksToLeave.value,
    forgetful: !outlivesReload(),
    onlyListens: screen.value === "room" && !microphone.value && !camera.value,
  };
}

/** Whether the participant is at a field, or has left words in one. */
function isWriting(): boolean {
  const fields = [
    ...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(
      "input:not([type]), input[type=text], textarea",
    ),
  ];
  return (
    fields.some(({ value }) => value !== "") || document.activeElement?.matches("input, textarea, select") === true
  );
}
