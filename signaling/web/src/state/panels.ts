import { computed, signal } from "@preact/signals";
import type { Shape } from "../model/shape";
import type { Permission } from "../wire/generated/socket";
import { may } from "./permissions";

/** The panels beside the stage. */
export type Panel = "booth" | "order" | "agenda" | "decisions" | "people" | "rules" | "chat";

/** The tabs in their order, each with the permission without which it is not shown. */
const TABS: { id: Panel; needs?: Permission }[] = [
  { id: "booth", needs: "channel.take" },
  { id: "order" },
  { id: "agenda" },
  { id: "decisions" },
  { id: "people" },
  { id: "rules", needs: "floor.set" },
  { id: "chat" },
];

/** The tabs of this participant. */
export const tabs = computed(() => TABS.filter(({ needs }) => !needs || may.value.has(needs)).map(({ id }) => id));

export const panel = signal<Panel>("order");
/** Whether the side panel covers the stage, where there is no room for both. */
export const sheetOpen = signal(false);
export const shape = signal<Shape>("wide");

/** Whether a panel can be seen now. */
export function isShown(id: Panel): boolean {
  return panel.value === id && (shape.value === "wide" || sheetOpen.value);
}

/** Whether the head of the console can be seen now, whichever panel is below it. */
export function isHeadShown(): boolean {
  return shape.value === "wide" || sheetOpen.value;
}

/** Shows a panel, or hides it again where it covers the stage. */
export function togglePanel(id: Panel): void {
  const shown = isShown(id);
  panel.value = shown && shape.value === "wide" ? "order" : id;
  sheetOpen.value = !shown;
}
