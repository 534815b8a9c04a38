import type { Floor } from "./types";

/** The last command of the order, as long as it may be undone. The server says which, by whom, and until when. */
export type Undoable = NonNullable<Floor["undoable"]>;

/** What this participant may undo: the own command alone. */
export function undoableBy(floor: Floor, person: string): Undoable | null {
  return floor.undoable?.by === person ? floor.undoable : null;
}

/** Whole seconds in which it may still be undone; 0 once it is too late. */
export function secondsLeft(undoable: Undoable | null, now: number): number {
  return undoable ? Math.max(0, Math.ceil((Date.parse(undoable.until) - now) / 1000)) : 0;
}

/** The words for it: what was done, to one participant or to the whole order. */
export function doneBy({ command }: Undoable): "granted" | "denied" | "passed" | "placed" | "order" | "played" {
  switch (command) {
    case "floor.next":
    case "floor.grant":
      return "granted";
    case "floor.deny":
      return "denied";
    case "floor.pass":
      return "passed";
    case "floor.order":
      return "order";
    case "recording.play":
      return "played";
    case "floor.accept":
    case "floor.move":
    case "floor.recall":
      return "placed";
  }
}
