import { foldFloor } from "./fold-floor";
import { nameOf } from "./names";
import type { AgendaItem, Channel, ChatLine, Decision, Participant, Room, RoomEvent } from "./types";

/** How many lines of chat are kept: as many as a snapshot has. */
const CHAT_KEPT = 50;

/** True when events between the room's last and this one are missing: ask for them or for a new snapshot. */
export function isGap(room: Room, event: RoomEvent): boolean {
  return event.seq > room.seq + 1;
}

/**
 * The room after the event. Pure; an event already folded in changes nothing, so that a resume which repeats
 * some is harmless.
 */
export function reduce(room: Room, event: RoomEvent): Room {
  if (event.seq <= room.seq) return room;
  const next = { ...room, seq: event.seq };
  switch (event.type) {
    case "participant.joined":
    case "participant.updated":
      return { ...next, participants: upsert(room.participants, event.participant as Participant) };
    case "participant.left":
      return left(next, String(event.person), event.reason === "removed");
    case "participant.admitted":
      return { ...next, removed: removed(room).filter((r) => r.person !== event.person) };
    case "agenda.started":
    case "agenda.ended":
      return { ...next, agenda: withItem(room, event.item as AgendaItem) };
    case "decision.opened":
    case "decision.objected":
    case "decision.voted":
    case "decision.closed":
    case "decision.withdrawn":
      return { ...next, decisions: withDecision(room.decisions ?? [], event.decision as Decision) };
    case "channel.changed":
      return { ...next, channels: withChannel(room.channels ?? [], event.channel as Channel) };
    case "chat.posted":
      return { ...next, chat: [...room.chat, chatLine(event)].slice(-CHAT_KEPT) };
    default:
      return { ...next, floor: foldFloor(room.floor, event) };
  }
}

function left(room: Room, person: string, sentOut: boolean): Room {
  const name = nameOf(room, person);
  const participants = room.participants.filter((p) => p.person !== person);
  const others = removed(room).filter((r) => r.person !== person);
  return { ...room, participants, removed: sentOut ? [...others, { person, name }] : others };
}

function removed(room: Room): NonNullable<Room["removed"]> {
  return room.removed ?? [];
}

function withItem(room: Room, item: AgendaItem): Room["agenda"] {
  return { ...room.agenda, items: room.agenda.items.map((known) => (known.id === item.id ? { ...known, ...item } : known)) };
}

function withDecision(all: Decision[], one: Decision): Decision[] {
  return all.some((d) => d.id === one.id) ? all.map((d) => (d.id === one.id ? one : d)) : [...all, one];
}

function withChannel(all: Channel[], one: Channel): Channel[] {
  return all.map((c) => (c.language === one.language ? one : c));
}

function upsert(all: Participant[], one: Participant): Participant[] {
  const known = all.some((p) => p.person === one.person);
  return known ? all.map((p) => (p.person === one.person ? { ...p, ...one } : p)) : [...all, one];
}

function chatLine(event: RoomEvent): ChatLine {
  return {
    id: (event.id as number | undefined) ?? event.seq,
    from: String(event.from ?? ""),
    to: String(event.to ?? "room"),
    text: String(event.text ?? ""),
    at: event.at,
  };
}
