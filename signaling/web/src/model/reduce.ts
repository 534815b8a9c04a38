import { foldFloor } from "./fold-floor";
import { nameOf } from "./names";
import type { Decision, Participant, Room, RoomEvent } from "./types";

/** As many lines of chat as a snapshot has. */
const MAX_CHAT_LINES = 50;

/** True when events between the room's last and this one are missing: a new snapshot is needed. */
export function isGap(room: Room, event: RoomEvent): boolean {
  return event.seq > room.seq + 1;
}

/** The room after the event. Pure and idempotent: a resumed session may repeat events. */
export function reduce(room: Room, event: RoomEvent): Room {
  if (event.seq <= room.seq) return room;
  const next = { ...room, seq: event.seq };
  switch (event.type) {
    case "participant.joined":
    case "participant.updated":
      return { ...next, participants: upsert(room.participants, event.participant) };
    case "participant.left":
      return withoutParticipant(next, event.person, event.reason === "removed");
    case "participant.admitted":
      return { ...next, removed: removed(room).filter((r) => r.person !== event.person) };
    case "agenda.started":
    case "agenda.ended":
      return { ...next, agenda: { ...room.agenda, items: replaced(room.agenda.items, event.item, (item) => item.id) } };
    case "decision.opened":
    case "decision.objected":
    case "decision.voted":
    case "decision.closed":
    case "decision.withdrawn":
      return { ...next, decisions: withDecision(room.decisions, event.decision) };
    case "channel.changed":
      return { ...next, channels: replaced(room.channels, event.channel, (channel) => channel.language) };
    case "chat.posted": {
      const { id, from, to, text } = event;
      return { ...next, chat: [...room.chat, { id, from, to, text }].slice(-MAX_CHAT_LINES) };
    }
    default:
      return { ...next, floor: foldFloor(room.floor, event) };
  }
}

function withoutParticipant(room: Room, person: string, wasRemoved: boolean): Room {
  const name = nameOf(room, person);
  const participants = room.participants.filter((p) => p.person !== person);
  const others = removed(room).filter((r) => r.person !== person);
  return { ...room, participants, removed: wasRemoved ? [...others, { person, name }] : others };
}

function removed(room: Room): NonNullable<Room["removed"]> {
  return room.removed ?? [];
}

function replaced<T>(all: T[], one: T, key: (value: T) => string): T[] {
  return all.map((known) => (key(known) === key(one) ? { ...known, ...one } : known));
}

function withDecision(all: Decision[], one: Decision): Decision[] {
  return all.some((d) => d.id === one.id) ? replaced(all, one, (d) => d.id) : [...all, one];
}

function upsert(all: Participant[], one: Participant): Participant[] {
  return all.some((p) => p.person === one.person) ? replaced(all, one, (p) => p.person) : [...all, one];
}
