import { signal, type Signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { show } from "./notices";
import { refusalWords } from "./refusal";
import { room, you } from "./room";
import { command } from "./seat";

/** Commands that change what their sender has in view, and are refused when that view is out of date. */
const IN_SIGHT = new Set(["floor.next", "floor.order", "floor.move", "floor.grant", "floor.set", "floor.recall"]);

/** Does a command. `null` when it was done, else the sentence that says why not. */
export async function attempt(type: string, fields: object = {}): Promise<string | null> {
  try {
    const seen = IN_SIGHT.has(type) ? { if_match: room.value?.seq } : {};
    const result = await command(type, { ...fields, ...seen });
    if (type === "device.use" && you.value) you.value = { ...you.value, publishing: result.publishing !== false };
    return null;
  } catch (error) {
    return refusalWords(error);
  }
}

/** Does a command, and shows over the page why if it was refused. True when it was done. */
export async function act(type: string, fields: object = {}): Promise<boolean> {
  const refused = await attempt(type, fields);
  if (refused !== null) show(refused, "refused");
  return refused === null;
}

/** A group of controls with a place of its own for the sentence of a refusal. */
export interface Desk {
  refused: Signal<string | null>;
  act(type: string, fields?: object): Promise<boolean>;
}

export function useDesk(): Desk {
  return useMemo(() => {
    const refused = signal<string | null>(null);
    const act = async (type: string, fields: object = {}) => {
      refused.value = null;
      refused.value = await attempt(type, fields);
      return refused.value === null;
    };
    return { refused, act };
  }, []);
}
