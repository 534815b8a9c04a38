import { effect, signal } from "@preact/signals";
import { assign, wanted, type WantedPicture } from "../model/layout";
import { news, wantsOf, type ChosenLines } from "../model/wants";
import type { SlotWant } from "../wire/messages";
import { layout, layoutPlan } from "./layout";
import { slots, you } from "./room";
import { soundAtFirst } from "./sound";

/** A window that is being resized, or pages that are turned fast, are told of so often. */
const INTERVAL_MS = 150;
/** In a gallery with more tiles than this the stage is one small picture among others. */
const FEW_TILES = 4;

/** The lines that this device chooses for, once the server has answered for them. */
export const chosenLines = signal<ChosenLines | null>(null);

let told: readonly SlotWant[] = [];
let placed: ReadonlyMap<string, string> = new Map();
let resting: ReturnType<typeof setTimeout> | undefined;

/** The wants of a new offer. From here on the server is told what changes. */
export function firstWants(lines: ChosenLines): SlotWant[] {
  placed = new Map();
  told = wants(lines);
  return [...told];
}

/** Calls `send` with every change of what this device wants, and none without need. `may` says whether it can be told now. */
export function tellWants(may: () => boolean, send: (slots: SlotWant[]) => void): void {
  const tell = () => {
    const lines = chosenLines.value;
    if (!lines || !may()) return;
    const all = wants(lines);
    const changed = news(told, all);
    if (changed.length === 0) return;
    told = all;
    send(changed);
    resting = setTimeout(() => {
      resting = undefined;
      tell();
    }, INTERVAL_MS);
  };
  effect(() => {
    // Read even while it rests, so that the effect follows every change.
    const lines = chosenLines.value;
    may();
    if (lines) wants(lines);
    if (resting === undefined) tell();
  });
}

function wants(lines: ChosenLines): SlotWant[] {
  const plan = layoutPlan.value;
  const pictures = wanted(plan, you.value?.person ?? "");
  placed = assign(
    placed,
    pictures.map(({ person }) => person),
    lines.tiles,
  );
  const byPerson = new Map(pictures.map((picture) => [picture.person, picture]));
  const tiles = new Map<string, WantedPicture>();
  for (const [mid, person] of placed) tiles.set(mid, byPerson.get(person)!);
  const shared = [...slots.value.values()].some(({ source }) => source === "screen");
  const small = plan.pinned !== null || (layout.value === "gallery" && (plan.tiles.length > FEW_TILES || shared));
  return wantsOf(lines, { sound: soundAtFirst(), largeStage: !small, tiles });
}
