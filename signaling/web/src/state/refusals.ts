import { effect, signal, type Signal } from "@preact/signals";
import { complaint, MIN_SHOWN_MS } from "../model/refusal";
import type { CommandType } from "../wire/messages";
import { room } from "./room";
import { stopwatch } from "./server-clock";

/** Why a command was not executed. */
export interface RefusalReason {
  words: string;
  /** The rule's code, unless the server could not be asked. */
  code: string | undefined;
}

/** A refusal that is shown, and what it complained of. */
interface Shown {
  in: Signal<string | null>;
  words: string;
  type: CommandType;
  code: string | undefined;
  complaint: string;
  at: number;
}

/** The refusals of the console, whose rows have no place for them: the newest is shown in its head. */
export const consoleRefusal = signal<string | null>(null);

let shown: Shown[] = [];

/** Shows a refusal until what it complained of has changed. The next command of the same controls replaces it. */
export function showUntilResolved(
  where: Signal<string | null>,
  { words, code }: RefusalReason,
  type: CommandType,
): void {
  where.value = words;
  const now = room.peek();
  shown = shown.filter((each) => each.in !== where);
  if (now) shown.push({ in: where, words, type, code, complaint: complaint(now, type, code), at: stopwatch() });
}

effect(() => {
  const now = room.value;
  shown = shown.filter((each) => {
    if (each.in.peek() !== each.words) return false;
    if (now && complaint(now, each.type, each.code) === each.complaint) return true;
    const left = each.at + MIN_SHOWN_MS - stopwatch();
    if (left > 0) setTimeout(() => clear(each), left);
    else clear(each);
    return false;
  });
});

function clear({ in: where, words }: Shown): void {
  if (where.peek() === words) where.value = null;
}
