import { SERVER_MESSAGE_TYPES, type ClientMessages, type Problem, type ServerMessage } from "./generated/socket";

export type { ClientMessage, ServerMessage, SlotShows, SlotWant } from "./generated/socket";

export type Hello = ClientMessages["hello"];
export type Welcome = Extract<ServerMessage, { type: "welcome" }>;
type Events = Extract<ServerMessage, { type: "events" }>;
export type Reply = Extract<ServerMessage, { type: "reply" }>;

/** What a room tells all its participants in one numbered sequence. */
export type RoomEvent = Extract<ServerMessage, { seq: number; at: string }>;

/** The commands: every message that is answered by a `reply`. */
export type CommandType = {
  [T in keyof ClientMessages]: ClientMessages[T] extends { command_id: string } ? T : never;
}[keyof ClientMessages];

/** What a command says besides its type, its id and its precondition. */
export type Fields<T extends CommandType> = Omit<ClientMessages[T], "type" | "command_id" | "if_match">;

/** The fields of a command as arguments: none have to be given to a command that requires none. */
export type FieldArguments<T extends CommandType> =
  object extends Fields<T> ? [fields?: Fields<T>] : [fields: Fields<T>];

export function isRoomEvent(message: ServerMessage): message is RoomEvent {
  return "seq" in message && "at" in message;
}

/**
 * Reads one WebSocket message. This is where the page trusts the server to send what its published schema says: the
 * server's tests hold it to that. An event of an unknown type, from a newer server, counts in the sequence and says nothing.
 */
export function readServerMessage(data: unknown): ServerMessage | null {
  return typeof data === "string" ? known(JSON.parse(data)) : null;
}

function known(message: unknown): ServerMessage | null {
  if (typeof message !== "object" || message === null || !("type" in message) || typeof message.type !== "string")
    return null;
  if (message.type === "events" && "events" in message && Array.isArray(message.events)) {
    const events = message.events.map(known).filter((event) => event !== null && isRoomEvent(event));
    return { type: "events", events: events as Events["events"] };
  }
  if (SERVER_MESSAGE_TYPES.has(message.type)) return message as ServerMessage;
  const numbered =
    "seq" in message && typeof message.seq === "number" && "at" in message && typeof message.at === "string";
  return numbered ? { type: "hidden", seq: Number(message.seq), at: String(message.at) } : null;
}

/** Why a command was refused, if it was. */
export function problemOf(reply: Reply): Problem | null {
  return "problem" in reply ? reply.problem : null;
}
