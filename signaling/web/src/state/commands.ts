import { signal, type Signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { CommandOutput, Loaded } from "../wire/generated/socket";
import type { CommandType, FieldArguments } from "../wire/messages";
import { Refused } from "../wire/refused";
import { show } from "./notices";
import { refusalWords } from "./refusal";
import { consoleRefusal, showUntilResolved, type RefusalReason } from "./refusals";
import { orderRest } from "./rest";
import { room, you } from "./room";
import { command } from "./seat";

/**
 * Commands that change what their sender has in view. The server refuses them when that view is out of date. *Next* says
 * itself whom it is to call, because the list may grow at any time without harm.
 */
const CONDITIONAL: ReadonlySet<CommandType> = new Set([
  "floor.order",
  "floor.move",
  "floor.grant",
  "floor.set",
  "floor.recall",
]);

/** Gives a command. `null` once it was executed, else the reason why it was not. What came of it is given to `take`. */
async function carryOut<T extends CommandType>(
  take: (result: CommandOutput) => void,
  type: T,
  ...fields: FieldArguments<T>
): Promise<RefusalReason | null> {
  try {
    const result = await command(type, CONDITIONAL.has(type) ? room.value?.seq : undefined, ...fields);
    if (type === "device.use" && you.value) you.value = { ...you.value, publishing: true };
    take(result);
    return null;
  } catch (error) {
    return { words: refusalWords(error), code: error instanceof Refused ? error.problem.code : undefined };
  }
}

function attempt<T extends CommandType>(type: T, ...fields: FieldArguments<T>): Promise<RefusalReason | null> {
  return carryOut(() => undefined, type, ...fields);
}

/** Gives a command, and shows over the page why if it was refused. True once it was executed. */
export async function execute<T extends CommandType>(type: T, ...fields: FieldArguments<T>): Promise<boolean> {
  const refused = await attempt(type, ...fields);
  if (refused !== null) show(refused.words, "refused");
  return refused === null;
}

/** Commands of one group of controls. */
export interface Commands {
  /** Why the last one was refused, for as long as that reason holds. */
  refused: Signal<string | null>;
  execute<T extends CommandType>(type: T, ...fields: FieldArguments<T>): Promise<boolean>;
}

function commandsShownIn(refused: Signal<string | null>): Commands {
  const execute = async <T extends CommandType>(type: T, ...fields: FieldArguments<T>) => {
    refused.value = null;
    const reason = await attempt(type, ...fields);
    if (reason) showUntilResolved(refused, reason, type);
    return reason === null;
  };
  return { refused, execute };
}

/** Commands of controls that show beside them why one was refused. */
export function useCommands(): Commands {
  return useMemo(() => commandsShownIn(signal(null)), []);
}

/** Commands of the console. A refusal is shown in its head, which has a place for it, so that nothing moves. */
export const consoleCommands: Commands = commandsShownIn(consoleRefusal);

/** Commands that change the order. All buttons of the order rest meanwhile, and none is sent while they rest. */
export const orderCommands: Commands = {
  refused: consoleRefusal,
  execute: async (type, ...fields) => (await orderRest.press(() => consoleCommands.execute(type, ...fields))) === true,
};

/** Moves by a key on an entry, or by dragging one. They go on as soon as the new order is drawn: no click causes them. */
export const placingCommands: Commands = {
  refused: consoleRefusal,
  execute: async (type, ...fields) =>
    !orderRest.busy.value && orderRest.always(() => consoleCommands.execute(type, ...fields)),
};

/** Puts the planned speakers of an item on the list. What came of it is told to `take`, because nobody has to be put on it. */
export async function loadPlanned(item: string, take: (loaded: Loaded) => void): Promise<void> {
  await orderRest.press(async () => {
    consoleRefusal.value = null;
    const refused = await carryOut((result) => "not_listed" in result && take(result), "agenda.load", { item });
    if (refused) showUntilResolved(consoleRefusal, refused, "agenda.load");
  });
}
