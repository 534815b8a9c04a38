import { t } from "../i18n";
import { offsetFrom } from "../model/clock";
import type { Problem } from "../model/types";
import { floor as fetchFloor } from "../wire/http";
import { isRoomEvent, type Reply, type RoomEvent, type ServerMessage, type Welcome } from "../wire/messages";
import { show } from "./notices";
import { fold, heard, offset, room, showSlots, showSpoken, slots, you } from "./room";
import { conference, token } from "./session";

/** What a message asks of the connection. */
export type Demand =
  | { type: "events_missing" }
  | { type: "accept_answer"; answer: string }
  | { type: "renew_media" }
  | null;

/** Shows what a message of the server says. */
export function receive(message: Exclude<ServerMessage, Reply | Welcome>): Demand {
  if (isRoomEvent(message)) return receiveEvent(message);
  switch (message.type) {
    case "slots": showSlots(message.slots); return null;
    case "clock": offset.value = offsetFrom(message.sent, Date.now(), Date.parse(message.now)); return null;
    case "level": heard.value = { dbov: message.dbov, at: Date.now() }; return null;
    case "media.ended": return { type: "renew_media" };
    case "device.replaced": showPublishing(false); return null;
    case "device.active": showPublishing(true); return null;
    case "signal": return "answer" in message ? { type: "accept_answer", answer: String(message.answer) } : null;
    case "problem": reportProblem(message.problem); return null;
  }
}

function receiveEvent(event: RoomEvent): Demand {
  if (event.type === "room.draining") show(t("trouble.draining"));
  if (event.type === "floor.item_ended") void refreshSpoken();
  return fold(event) ? null : { type: "events_missing" };
}

/** No event says what the delegations have spoken once an item has ended: that counts in the whole room. */
async function refreshSpoken(): Promise<void> {
  const id = room.value?.id;
  if (id) await fetchFloor(token.value, id).then(({ spoken }) => showSpoken(spoken), () => undefined);
}

/** Shows the room as the welcome has it, or continues it with the events that were missed. */
export function receiveWelcome(welcome: Welcome): void {
  you.value = welcome.you;
  offset.value = Date.parse(welcome.now) - Date.now();
  if (welcome.room) room.value = { ...welcome.room, people: conference.value?.people };
  for (const event of welcome.events ?? []) fold(event);
  slots.value = new Map();
  heard.value = null;
}

/** Whether this device, or another of the same participant, sends now. */
function showPublishing(here: boolean): void {
  if (you.value) you.value = { ...you.value, publishing: here };
  show(t(here ? "trouble.device_active" : "trouble.device_replaced"));
}

/** A message of this page that the server could not read: a fault of the page, and nothing that a participant can mend. */
function reportProblem(problem: Problem): void {
  console.warn("plenary:", problem.title, problem.detail);
}
