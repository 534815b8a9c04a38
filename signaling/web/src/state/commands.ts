import { signal, type Signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { CommandType, FieldArguments } from "../wire/messages";
import { show } from "./notices";
import { refusalWords } from "./refusal";
import { room, you } from "./room";
import { command } from "./seat";

/** Commands that change what their sender has in view. The server refuses them when that view is out of date. */
const CONDITIONAL: ReadonlySet<CommandType> = new Set(["floor.next", "floor.order", "floor.move", "floor.grant", "floor.set", "floor.recall"]);

/** Gives a command. `null` once it was executed, else the sentence that says why it was not. */
export async function attempt<T extends CommandType>(type: T, ...fields: FieldArguments<T>): Promise<string | null> {
  try {
    await command(type, CONDITIONAL.has(type) ? room.value?.seq : undefined, ...fields);
    if (type === "device.use" && you.value) you.value = { ...you.value, publishing: true };
    return null;
  } catch (error) {
    return refusalWords(error);
  }
}

/** Gives a command, and shows over the page why if it was refused. True once it was executed. */
export async function execute<T extends CommandType>(type: T, ...fields: FieldArguments<T>): Promise<boolean> {
  const refused = await attempt(type, ...fields);
  if (refused !== null) show(refused, "refused");
  return refused === null;
}

/** Commands of one group of controls, which shows beside them why one was refused. */
export interface Commands {
  refused: Signal<string | null>;
  execute<T extends CommandType>(type: T, ...fields: FieldArguments<T>): Promise<boolean>;
}

export function useCommands(): Commands {
  return useMemo(() => {
    const refused = signal<string | null>(null);
    const execute = async <T extends CommandType>(type: T, ...fields: FieldArguments<T>) => {
      refused.value = null;
      refused.value = await attempt(type, ...fields);
      return refused.value === null;
    };
    return { refused, execute };
  }, []);
}
