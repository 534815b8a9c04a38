import { effect, signal } from "@preact/signals";
import { t } from "../i18n";
import { playSignal } from "../media/signal-tone";
import type { Alert } from "../model/band";
import { room } from "./room";
import { screen } from "./session";
import { titleOf } from "../model/names";

/** Whether the browser shows notifications of this page, where it can show any. */
export const notifications = signal<NotificationPermission | "unsupported">(permission());

/** What the tab's title says in place of the room's name, until the participant has looked. */
const calling = signal<string | null>(null);

/** The title goes back to the room's name so long after the participant has seen the page. */
const SEEN_MS = 10_000;
const VIBRATION: Record<Alert, number[]> = {
  floor: [200, 100, 200, 100, 400],
  lost: [400],
  ask: [150, 100, 150],
  notice: [150],
};

/** Alerts the participant who may look elsewhere: by sound, by the tab's title, by vibration, and by a notification if the tab is hidden. */
export function alertParticipant(alert: Alert, sentence: string): void {
  playSignal(alert);
  navigator.vibrate?.(VIBRATION[alert]);
  calling.value = sentence;
  if (document.visibilityState === "visible") setTimeout(() => seen(sentence), SEEN_MS);
  else notify(sentence);
}

/** Asks the browser for the permission. Called by a button only: a page that asks by itself is refused for good. */
export async function askForNotifications(): Promise<void> {
  if ("Notification" in globalThis) notifications.value = await Notification.requestPermission();
}

/** Called once: keeps the title of the tab. */
export function watchTitle(): void {
  effect(() => {
    if (screen.value !== "room") calling.value = null;
    const place = screen.value === "room" ? room.value && titleOf(room.value) : undefined;
    const said = screen.value === "room" ? calling.value : null;
    document.title = said ? `● ${said}` : place ? `${place} · ${t("app.name")}` : t("app.name");
  });
  document.addEventListener("visibilitychange", () => {
    const said = calling.value;
    if (document.visibilityState === "visible" && said) setTimeout(() => seen(said), SEEN_MS);
  });
}

function seen(sentence: string): void {
  if (calling.value === sentence && document.visibilityState === "visible") calling.value = null;
}

function notify(sentence: string): void {
  if (permission() !== "granted") return;
  try {
    // One tag: a newer notification takes the place of the older one.
    const shown = new Notification(room.value ? titleOf(room.value) : t("app.name"), {
      body: sentence,
      tag: "plenary",
      icon: "mark.svg",
    });
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
  } catch {
    // Android's Chromium shows notifications of a service worker only, and this page has none.
  }
}

function permission(): NotificationPermission | "unsupported" {
  return "Notification" in globalThis ? Notification.permission : "unsupported";
}
