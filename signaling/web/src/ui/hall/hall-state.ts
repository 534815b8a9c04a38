import { effect, signal } from "@preact/signals";
import { DEFAULT_TAG, languageNames, setLanguage } from "../../i18n";
import { isQuiet, LANGUAGE_TURN_MS, languagesInTurn, RENEW_PAGE_MS } from "../../model/hall";
import { linkSetting, seatedRoom } from "../../session/invitation";
import { layout, pinned } from "../../state/layout";
import { connected, link, room } from "../../state/room";
import { enter } from "../../state/seat";
import { serverNow, stopwatch } from "../../state/server-clock";
import { conference } from "../../state/session";
import { reload, soundByTouch } from "../../state/upgrade";

/** How often a page that is old looks whether the hall is quiet. */
const LOOK_MS = 30_000;
/** After how long a place that was taken away is asked for again: nobody is there to press a button. */
const ASK_AGAIN_MS = 60_000;

/** Since when the connection is lost, by the server's clock; null while it is there. */
export const lostSince = signal<number | null>(null);

/** Runs the hall's screen until the returned function is called: its languages, its renewal, the word of a lost connection. */
export function runHall(): () => void {
  // Whatever this machine shows else: a hall sees the speaker.
  layout.value = "speaker";
  pinned.value = null;
  const stops = [takeTurns(), renewPage(), watchConnection(), comeBack()];
  return () => stops.forEach((stop) => stop());
}

/** Shows the languages in turn. A single one is shown at once, and stays. */
function takeTurns(): () => void {
  const tags = languagesInTurn(
    linkSetting("lang"),
    conference.value?.languages ?? [],
    [...languageNames.keys()],
    DEFAULT_TAG,
  );
  let turn = 0;
  const show = () => void setLanguage(tags[turn++ % tags.length] ?? DEFAULT_TAG);
  show();
  const timer = tags.length > 1 ? setInterval(show, LANGUAGE_TURN_MS) : undefined;
  return () => clearInterval(timer);
}

function renewPage(): () => void {
  const timer = setInterval(() => {
    const r = room.value;
    if (stopwatch() > RENEW_PAGE_MS && connected.value && !soundByTouch.value && r && isQuiet(r, serverNow())) reload();
  }, LOOK_MS);
  return () => clearInterval(timer);
}

function watchConnection(): () => void {
  return effect(() => {
    lostSince.value = connected.value ? null : (lostSince.peek() ?? serverNow());
  });
}

function comeBack(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = effect(() => {
    clearTimeout(timer);
    const id = seatedRoom();
    if (id && (link.value === "forbidden" || link.value === "replaced"))
      timer = setTimeout(() => enter(id, "hall"), ASK_AGAIN_MS);
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}
