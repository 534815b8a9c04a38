import { computed, effect, signal } from "@preact/signals";
import { t } from "../i18n";
import { isolated } from "../i18n/isolate";
import { audienceOf, messagesOf, ownHelp, unread, type Audience } from "../model/messages";
import { nameOf } from "../model/names";
import type { RoomEvent } from "../model/types";
import { keep, kept } from "../session/storage";
import { announce } from "./notices";
import { isShown } from "./panels";
import { room, you } from "./room";
import { conference, reading } from "./session";

/** So much of a long message is read aloud; the panel has all of it. */
const MAX_ANNOUNCED_LETTERS = 280;

/** What was written and not sent yet. It outlives the panel, which is closed while another is looked at. */
export const draft = signal("");
export const audience = signal<Audience>("room");
/** What the operators said when they closed this participant's call for help. */
export const helpAnswer = signal<{ text: string; at: string } | null>(null);

const lastRead = signal(0);
const pageVisible = signal(typeof document === "undefined" || document.visibilityState === "visible");

/** One participant in one room of one conference. */
const place = computed(() =>
  room.value && you.value ? `plenary.read/${conference.value?.id ?? ""}/${room.value.id}/${you.value.person}` : null,
);

/** The place is another one: what was read there is known, and nothing that was written elsewhere goes to it. */
effect(() => {
  if (!place.value) return;
  lastRead.value = Number(kept("machine", place.value)) || 0;
  draft.value = "";
  audience.value = "room";
  helpAnswer.value = null;
});

export const messages = computed(() => (room.value ? messagesOf(room.value) : []));
export const unreadMessages = computed(() => unread(messages.value, you.value?.person ?? "", lastRead.value).length);
export const openHelp = computed(() => room.value && you.value && ownHelp(room.value, you.value.person));

/** Whether the messages can be seen now: a panel that is covered, or a page in the background, is read by nobody. */
export function areMessagesShown(): boolean {
  return isShown("chat") && reading.value === null && pageVisible.value;
}

/** Called by the panel whenever it shows its messages. */
export function markRead(): void {
  const last = messages.value.at(-1)?.id ?? 0;
  if (!place.value || last === lastRead.peek()) return;
  lastRead.value = last;
  keep("machine", place.value, String(last));
}

/** Called once: follows whether the page can be seen. */
export function watchPage(): void {
  document.addEventListener("visibilitychange", () => (pageVisible.value = document.visibilityState === "visible"));
}

/** Says a message aloud that the panel does not show. Where it does, its log is read by the screen reader itself. */
export function tellMessage(event: RoomEvent): void {
  const r = room.peek();
  if (event.type === "help.closed" && event.from === you.peek()?.person && event.by !== event.from) {
    helpAnswer.value = { text: event.text ?? "", at: event.at };
  }
  // A call for help is said by the band.
  if (
    event.type !== "chat.posted" ||
    event.help ||
    !r ||
    event.from === you.peek()?.person ||
    event.to.startsWith("booth:") ||
    areMessagesShown()
  )
    return;
  const letters = [...event.text];
  const text =
    letters.length > MAX_ANNOUNCED_LETTERS ? `${letters.slice(0, MAX_ANNOUNCED_LETTERS).join("")}…` : event.text;
  const to = audienceOf(event);
  announce(
    t(to && to !== "room" ? `chat.said_${to}` : "chat.said", { name: nameOf(r, event.from), text: isolated(text) }),
  );
}
