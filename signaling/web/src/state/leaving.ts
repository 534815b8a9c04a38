import { signal } from "@preact/signals";
import { secretIn } from "../session/invitation";
import { link } from "./room";
import { screen } from "./session";

/** Whether the participant is asked if the room is to be left, after Back was pressed in it. */
export const asksToLeave = signal(false);

interface HistoryState {
  inRoom?: true;
}

/** The room is an entry of its own in the tab's history, so that Back leads out of the room and not out of the page. */
export function enterHistory(): void {
  asksToLeave.value = false;
  addEventListener("beforeunload", askBrowser);
  if (!isInRoom()) history.pushState({ inRoom: true } satisfies HistoryState, "");
}

export function leaveHistory(): void {
  asksToLeave.value = false;
  removeEventListener("beforeunload", askBrowser);
}

/** Takes the room's entry out of the way, for the participant who left by a button and not by Back. */
export function backOutOfRoom(): void {
  if (isInRoom()) history.back();
}

/** The participant stays after all. */
export function stay(): void {
  asksToLeave.value = false;
  if (!isInRoom()) history.pushState({ inRoom: true } satisfies HistoryState, "");
}

/** Called once: Back in a room asks before it leaves. A new link comes by the same event, and is no Back. */
export function watchHistory(): void {
  addEventListener("popstate", () => {
    if (screen.value === "room" && !isInRoom() && !secretIn(location.hash)) asksToLeave.value = true;
  });
}

/** Leaves the page without the browser's question, for what the participant or the page itself has decided. */
export function quietly(leave: () => void): void {
  removeEventListener("beforeunload", askBrowser);
  leave();
}

function isInRoom(): boolean {
  const state: unknown = history.state;
  return typeof state === "object" && state !== null && "inRoom" in state;
}

/** Leaving the page itself can only be asked about in the browser's own words. A seat that has ended is not asked about. */
function askBrowser(event: BeforeUnloadEvent): void {
  if (screen.value === "room" && link.value !== "forbidden" && link.value !== "replaced") event.preventDefault();
}
