import { batch } from "@preact/signals";
import { t } from "../i18n";
import { receive as receiveReception } from "../model/live-state";
import type { Problem } from "../model/types";
import { floor as fetchFloor } from "../wire/http";
import { isRoomEvent, type Reply, type RoomEvent, type ServerMessage, type Welcome } from "../wire/messages";
import { tell, tellHowThingsStand, tellMissed } from "./band";
import { tellMessage } from "./messages";
import { show } from "./notices";
import { fold, forgetReception, heard, reception, room, showSlots, showSpoken, slots, speaking, you } from "./room";
import { readServerClock, stopwatch } from "./server-clock";
import { authorized, conference } from "./session";
import { receiveTalks, receiveTalkSignal } from "./talks";

/** The change of the connection that a message demands. */
export type Demand =
  { type: "events_missing" } | { type: "accept_answer"; answer: string } | { type: "renew_media" } | null;

/** Applies a message of the server to the state of the page. */
export function receive(message: Exclude<ServerMessage, Reply | Welcome>): Demand {
  if (isRoomEvent(message)) return receiveEvent(message);
  switch (message.type) {
    case "events":
      return receiveEvents(message.events);
    case "slots":
      showSlots(message.slots);
      return null;
    case "clock":
      readServerClock(message.now, message.sent);
      return null;
    case "level":
      heard.value = { dbov: message.dbov, at: stopwatch() };
      reception.value = receiveReception(reception.value, message, stopwatch());
      return null;
    case "received":
      reception.value = receiveReception(reception.value, message, stopwatch());
      return null;
    case "speaking":
      speaking.value = new Set(message.participants);
      return null;
    case "media.ended":
      return { type: "renew_media" };
    case "device.replaced":
      showPublishing(false);
      return null;
    case "device.active":
      showPublishing(true);
      return null;
    case "talks":
      receiveTalks(message);
      return null;
    case "signal":
      if (message.talk) receiveTalkSignal(message.talk, { ...message });
      return message.from === "room" && "answer" in message
        ? { type: "accept_answer", answer: String(message.answer) }
        : null;
    case "problem":
      reportProblem(message.problem);
      return null;
    // The answer to a hello without a seat, which a seat never says.
    case "check":
      return null;
  }
}

/** Several events at once, of which the page is drawn once. */
function receiveEvents(events: RoomEvent[]): Demand {
  return batch(() => {
    for (const event of events) {
      const demand = receiveEvent(event);
      if (demand) return demand;
    }
    return null;
  });
}

function receiveEvent(event: RoomEvent): Demand {
  if (event.type === "floor.item_ended") void refreshSpoken();
  // The server's clock was set: every time from here on is by the new one.
  if (event.type === "room.clock_moved") readServerClock(event.at);
  const before = room.value;
  if (!fold(event)) return { type: "events_missing" };
  if (before && event.seq > before.seq) {
    tell(before, event);
    tellMessage(event);
  }
  return null;
}

/** Once an item has ended, the speeches of the whole room count again, and no event carries them. */
async function refreshSpoken(): Promise<void> {
  const id = room.value?.id;
  if (id)
    await authorized((token) => fetchFloor(token, id)).then(
      ({ spoken }) => showSpoken(spoken),
      () => undefined,
    );
}

/** Shows the room as the welcome has it, or continues it with the events that were missed. */
export function receiveWelcome(welcome: Welcome): void {
  you.value = welcome.you;
  readServerClock(welcome.now);
  if (welcome.room) room.value = { ...welcome.room, people: conference.value?.people };
  const missed = (welcome.events ?? []).flatMap((event) => {
    const before = room.value;
    fold(event);
    return before && event.seq > before.seq ? [{ before, event }] : [];
  });
  slots.value = new Map();
  heard.value = null;
  forgetReception();
  if (welcome.room) tellHowThingsStand();
  else tellMissed(missed);
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
