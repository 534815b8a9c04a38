import { effect } from "@preact/signals";
import { render } from "preact";
import { startLanguage } from "./i18n";
import { closeSources } from "./media/open-sources";
import { FLOOR } from "./model/channels";
import {
  isDisplay,
  keptInvitation,
  linkSetting,
  rememberDisplay,
  secretIn,
  seatedRoom,
  takeLink,
} from "./session/invitation";
import { watchTitle } from "./state/attention";
import { exposeCounters } from "./state/debug";
import { watchHistory } from "./state/leaving";
import { watchPage } from "./state/messages";
import { watchMutedSpeech } from "./state/muted-speech";
import { may } from "./state/permissions";
import { watchSelf } from "./state/self-watch";
import { endSeat, enter, takeSeat } from "./state/seat";
import { checkLink, openSeat, person, screen } from "./state/session";
import { playHere } from "./state/sound";
import { watchSources } from "./state/sources";
import { watchTalks } from "./state/talks";
import { watchForUpgrade } from "./state/upgrade";
import { watchWake } from "./state/wake";
import { App } from "./ui/App";
import "./style/main.css";

exposeCounters();
void startLanguage().then(() => {
  const root = document.getElementById("app");
  if (root) render(<App />, root);
  watchWake();
  watchHistory();
  watchSources();
  watchTitle();
  watchPage();
  watchSelf();
  watchMutedSpeech();
  watchTalks();
  watchForUpgrade();
  addEventListener("hashchange", openLink);
  return start(takeLink() ?? keptInvitation());
});

/** Another link was opened in this tab. The same one again only leaves the address. */
function openLink(): void {
  if (!secretIn(location.hash)) return;
  const before = keptInvitation();
  const secret = takeLink();
  if (!secret || (secret === before && screen.value !== "bad_link" && screen.value !== "unauthorized")) return;
  endSeat();
  closeSources();
  void start(secret);
}

/** The link's secret opens the seat. A tab that was seated before a reload goes straight back to its room. */
async function start(secret: string | null): Promise<void> {
  if (!secret) return void (screen.value = "no_link");
  if (!(await openSeat(secret))) return;
  const watching = person.value?.watching === "display";
  rememberDisplay(watching);
  const [shown] = person.value?.rooms ?? [];
  if (watching && shown) {
    playHere(linkSetting("sound") ?? FLOOR);
    return enter(shown, "hall");
  }
  if (checkLink.value) return void (screen.value = "check");
  if (may.value.has("health.read")) return void (screen.value = "health");
  const room = seatedRoom();
  if (!room) return void (screen.value = "seat");
  await takeSeat(room);
}

/** After how long the screen of a hall tries a link again that was refused: nobody is there to do so. */
const TRY_AGAIN_MS = 60_000;

effect(() => {
  if (!isDisplay() || (screen.value !== "bad_link" && screen.value !== "unauthorized")) return undefined;
  const timer = setTimeout(() => void start(keptInvitation()), TRY_AGAIN_MS);
  return () => clearTimeout(timer);
});
