import { isPresent } from "./names";
import { nextUp } from "./order";
import { moderatorsIn } from "./permissions";
import type { Room, RoomEvent } from "./types";

/** How long the buttons of the order rest after a new order was drawn. */
export const REST_MS = 1_000;

/** Why the buttons of the order rest. They take no press while a command is under way or a new order is being drawn. */
export interface Rest {
  /** Commands that have no reply yet. */
  sent: number;
  /** Whether the order has changed since it was drawn. */
  undrawn: boolean;
  /** When the rest ends that began with the last drawing, by the stopwatch. */
  until: number;
}

export type RestInput =
  | { type: "sent" }
  /** The reply has come: a command that changed nothing rests as well, so that a second click is not a second command. */
  | { type: "replied" }
  | { type: "changed" }
  | { type: "drawn"; at: number };

export const AWAKE: Rest = { sent: 0, undrawn: false, until: 0 };

export function rest(state: Rest, input: RestInput): Rest {
  switch (input.type) {
    case "sent":
      return { ...state, sent: state.sent + 1 };
    case "replied":
      return { ...state, sent: Math.max(0, state.sent - 1), undrawn: true };
    case "changed":
      return { ...state, undrawn: true };
    // The second is counted from what the moderator sees, not from what the page knows.
    case "drawn":
      return state.undrawn ? { ...state, undrawn: false, until: input.at + REST_MS } : state;
  }
}

export function isResting({ sent, undrawn, until }: Rest, now: number): boolean {
  return sent > 0 || undrawn || now < until;
}

/** What a moderator's press on the order causes, whoever gave it. */
const ORDER_EVENTS: ReadonlySet<RoomEvent["type"]> = new Set<RoomEvent["type"]>([
  "floor.accepted",
  "floor.denied",
  "floor.granted",
  "floor.revoked",
  "floor.passed",
  "floor.recalled",
  "floor.moved",
  "floor.order",
  "floor.yielded",
  "floor.undone",
]);

/**
 * Whether an event gives the pinned buttons another meaning, or comes from a moderator's press on the order. A delegate who
 * asks and withdraws again and again does not keep the moderator from pressing *Next*.
 */
export function changesOrder(before: Room, after: Room, event: RoomEvent): boolean {
  return (
    calls(before) !== calls(after) ||
    (ORDER_EVENTS.has(event.type) && "by" in event && moderatorsIn(after).some(({ person }) => person === event.by))
  );
}

/** What *Next* and *Grant* do now: whom they call, and whose speech they end. */
export function calls(room: Room): string {
  const { floor } = room;
  const next = nextUp(floor, (person) => isPresent(room, person));
  return JSON.stringify([next?.id, floor.granted.map((g) => g.id), floor.chair, floor.chair_priority]);
}
