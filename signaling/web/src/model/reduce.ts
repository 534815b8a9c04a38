import { inAgendaOrder } from "./agenda";
import { foldFloor } from "./fold-floor";
import type { ChatLine, Decision, Participant, Room, RoomEvent } from "./types";

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
      return {
        ...next,
        participants: upsert(room.participants, event.participant),
        left: left(room).filter(({ person }) => person !== event.participant.person),
      };
    case "participant.left":
      return withoutParticipant(next, event.person, event.reason === "removed", event.at);
    case "participant.admitted":
      return { ...next, removed: removed(room).filter((r) => r.person !== event.person) };
    case "agenda.started":
    case "agenda.ended":
      return { ...next, agenda: { ...room.agenda, items: replaced(room.agenda.items, event.item, (item) => item.id) } };
    case "agenda.postponed":
      return {
        ...next,
        agenda: { ...room.agenda, items: inAgendaOrder(replaced(room.agenda.items, event.item, (item) => item.id)) },
      };
    case "decision.opened":
    case "decision.objected":
    case "decision.voted":
    case "decision.closed":
    case "decision.withdrawn":
      return { ...next, decisions: withDecision(room.decisions, event.decision) };
    case "room.clock_moved":
      return event.decision ? { ...next, decisions: withDecision(room.decisions, event.decision) } : next;
    case "channel.changed":
      return { ...next, channels: replaced(room.channels, event.channel, (channel) => channel.language) };
    case "chat.posted":
      return withChatLine(next, lineOf(event));
    case "help.closed":
      return { ...next, help: help(room).filter(({ id }) => id !== event.message) };
    case "record.started": {
      const { at, by } = event;
      return { ...next, recording: by === undefined ? { since: at } : { since: at, by }, recording_failed: null };
    }
    case "record.take":
    case "record.take_deleted":
    case "record.gap":
      return next;
    case "record.stopped": {
      const { recording: _, ...rest } = next;
      return { ...rest, recording_failed: event.reason ? { at: event.at, reason: event.reason } : null };
    }
    case "notice.posted":
      return { ...next, notice: { text: event.text, by: event.by, at: event.at } };
    default:
      return {
        ...next,
        floor: foldFloor(
          room.floor,
          event,
          room.agenda.items.some((item) => item.state === "on"),
        ),
      };
  }
}

function lineOf({ seq: _, type: __, ...line }: Extract<RoomEvent, { type: "chat.posted" }>): ChatLine {
  return line;
}

/** Of each person the last call for help is open. */
function withChatLine(room: Room, line: ChatLine): Room {
  const chat = [...room.chat, line].slice(-MAX_CHAT_LINES);
  if (!line.help) return { ...room, chat };
  return { ...room, chat, help: [...help(room).filter(({ from }) => from !== line.from), line] };
}

function help(room: Room): ChatLine[] {
  return room.help ?? [];
}

function withoutParticipant(room: Room, person: string, wasRemoved: boolean, at: string): Room {
  // The names as the server gives them, so that they follow the page's language later too.
  const { name, names } = room.participants.find((p) => p.person === person) ??
    room.people?.find((p) => p.person === person) ?? { name: person };
  const participants = room.participants.filter((p) => p.person !== person);
  const others = removed(room).filter((r) => r.person !== person);
  const last = room.participants.find((p) => p.person === person)?.since ?? at;
  return {
    ...room,
    participants,
    left: [...left(room).filter((l) => l.person !== person), { person, at: last }],
    removed: wasRemoved ? [...others, names ? { person, name, names } : { person, name }] : others,
  };
}

function left(room: Room): NonNullable<Room["left"]> {
  return room.left ?? [];
}

function removed(room: Room): NonNullable<Room["removed"]> {
  return room.removed ?? [];
}

/** Events carry whole objects, so nothing of the old one stays: an absent field has ended. */
function replaced<T>(all: T[], one: T, key: (value: T) => string): T[] {
  return all.map((known) => (key(known) === key(one) ? one : known));
}

function withDecision(all: Decision[], one: Decision): Decision[] {
  return all.some((d) => d.id === one.id) ? replaced(all, one, (d) => d.id) : [...all, one];
}

function upsert(all: Participant[], one: Participant): Participant[] {
  return all.some((p) => p.person === one.person) ? replaced(all, one, (p) => p.person) : [...all, one];
}
