import { render } from "preact";
import { startLanguage } from "./i18n";
import { seatedRoom, takeInvitation } from "./session/invitation";
import { exposeCounters } from "./state/debug";
import { may } from "./state/permissions";
import { enter } from "./state/seat";
import { openSeat, screen } from "./state/session";
import { openSources } from "./media/open-sources";
import { App } from "./ui/App";
import "./style/main.css";

exposeCounters();
void startLanguage().then(() => {
  const root = document.getElementById("app");
  if (root) render(<App />, root);
  addEventListener("hashchange", () => void start());
  return start();
});

/** The link's secret opens the seat. A tab that was seated before a reload goes straight back to its room. */
async function start(): Promise<void> {
  const secret = takeInvitation();
  if (!secret) return void (screen.value = "no_link");
  if (!(await openSeat(secret))) return;
  if (may.value.has("health.read")) return void (screen.value = "health");
  const room = seatedRoom();
  if (!room) return void (screen.value = "seat");
  await openSources(may.value);
  enter(room);
}
