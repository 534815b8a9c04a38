import { signal } from "@preact/signals";

/** A sentence that is shown for a while. */
export const notice = signal<{ text: string; tone: "refused" | "info" } | null>(null);
/** The text of the live region for screen readers. */
export const announcement = signal("");

const NOTICE_MS = 9_000;

let timer: ReturnType<typeof setTimeout> | undefined;

export function show(text: string, tone: "refused" | "info" = "info"): void {
  notice.value = { text, tone };
  clearTimeout(timer);
  timer = setTimeout(() => (notice.value = null), NOTICE_MS);
}

export function announce(text: string): void {
  announcement.value = text;
}
