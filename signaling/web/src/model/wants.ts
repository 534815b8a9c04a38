import type { SlotWant } from "../wire/messages";
import { FLOOR, type Sound } from "./channels";
import type { WantedPicture } from "./layout";

/** The lines on which this device receives what it may choose, by their `mid`. */
export interface ChosenLines {
  stage: string;
  language: string;
  tiles: string[];
}

/** What this device wants of them. */
export interface Wishes {
  sound: Sound;
  /** Whether the stage is shown large. */
  largeStage: boolean;
  /** The picture of each tile's line. */
  tiles: ReadonlyMap<string, WantedPicture>;
}

/** The wants of every line that this device chooses for. A line without a wish wants nothing: the server would choose for it. */
export function wantsOf(lines: ChosenLines, { sound, largeStage, tiles }: Wishes): SlotWant[] {
  const stage: SlotWant = largeStage
    ? { mid: lines.stage, wants: "stage" }
    : { mid: lines.stage, wants: "stage", size: "small" };
  const language: SlotWant = { mid: lines.language, wants: sound === FLOOR ? "nothing" : `lang:${sound}` };
  const pictures = lines.tiles.map((mid): SlotWant => {
    const wish = tiles.get(mid);
    if (!wish) return { mid, wants: "nothing" };
    return wish.large ? { mid, wants: `tile:${wish.person}`, size: "large" } : { mid, wants: `tile:${wish.person}` };
  });
  return [stage, language, ...pictures];
}

/** The wants that the server does not know yet. */
export function news(told: readonly SlotWant[], wants: readonly SlotWant[]): SlotWant[] {
  return wants.filter(
    ({ mid, wants: what, size }) =>
      !told.some((known) => known.mid === mid && known.wants === what && known.size === size),
  );
}
