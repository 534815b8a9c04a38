import { signal } from "@preact/signals";

/** A sentence that is shown for a while. */
export const notice = signal<{ text: string; tone: "refused" | "info" } | null>(null);

/** An announcement that must not wait interrupts what a screen reader is reading. */
export type Urgency = "polite" | "assertive";

export interface Announcement {
  id: number;
  text: string;
  urgency: Urgency;
}

/** What the live regions say now, oldest first. Each is an element of its own, so that none is lost to the next. */
export const announcements = signal<readonly Announcement[]>([]);

const NOTICE_MS = 9_000;
/** A screen reader has taken it by then; who reads the page later must not find it as if it were so still. */
const ANNOUNCEMENT_MS = 8_000;

let timer: ReturnType<typeof setTimeout> | undefined;
let lastId = 0;

/** Shows a sentence for a while, and announces it: the live regions are the one place that screen readers read. */
export function show(text: string, tone: "refused" | "info" = "info"): void {
  notice.value = { text, tone };
  announce(text, tone === "refused" ? "assertive" : "polite");
  clearTimeout(timer);
  timer = setTimeout(() => (notice.value = null), NOTICE_MS);
}

export function announce(text: string, urgency: Urgency = "polite"): void {
  const id = (lastId += 1);
  // An effect that announces does not depend on what was announced.
  announcements.value = [...announcements.peek(), { id, text, urgency }];
  setTimeout(() => (announcements.value = announcements.peek().filter((each) => each.id !== id)), ANNOUNCEMENT_MS);
}

/** Takes back what was announced, where it may no longer be true. */
export function takeBackAnnouncements(): void {
  announcements.value = [];
}
