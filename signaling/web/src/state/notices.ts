import { signal } from "@preact/signals";

/** A sentence shown for a while: a refusal, or what happened. */
export const notice = signal<{ text: string; tone: "refused" | "info" } | null>(null);
/** What the live region says: order, grants, time. */
export const announcement = signal("");

let timer: ReturnType<typeof setTimeout> | undefined;

export function show(text: string, tone: "refused" | "info" = "info"): void {
  notice.value = { text, tone };
  clearTimeout(timer);
  timer = setTimeout(() => (notice.value = null), 9_000);
}

export function announce(text: string): void {
  announcement.value = text;
}
