import { computed, signal } from "@preact/signals";
import { cityTile, inOrder, LAYOUTS, plan, type Box, type Layout } from "../model/layout";
import { onStage } from "../model/on-stage";
import { canBeShown } from "../model/permissions";
import { keep, kept } from "../session/storage";
import { room, slots, you } from "./room";
import { conference } from "./session";

const STORAGE_KEY = "plenary.layout";

export const layout = signal<Layout>(LAYOUTS.find((known) => known === kept("machine", STORAGE_KEY)) ?? "speaker");
/** The participant whom this one wants to see large, whoever speaks. */
export const pinned = signal<string | null>(null);
export const page = signal(0);
/** The place for the tiles, CSS pixels. */
export const tileBox = signal<Box>({ width: 0, height: 0 });

/** The participants with a tile, and in the gallery the cities of which nobody is here. */
const people = computed(() => {
  const r = room.value;
  if (!r) return [];
  const delegations = (conference.value?.delegations ?? []).map(({ id }) => id);
  const here = r.participants.filter(canBeShown);
  const shown = inOrder(here, r.floor.chair ?? null, delegations).map(({ person }) => person);
  if (shownLayout.value !== "gallery") return shown;
  const invited = new Set(
    (conference.value?.people ?? [])
      .filter((p) => canBeShown(p) && (p.rooms.length === 0 || p.rooms.includes(r.id)))
      .map((p) => p.delegation),
  );
  const absent = delegations.filter((id) => invited.has(id) && !here.some(({ delegation }) => delegation === id));
  return [...shown, ...absent.map(cityTile)];
});

/** The chair on stage, whose picture is a tile's: the stage's own slot carries holders, and the chair with priority. */
const featured = computed(() => {
  const on = room.value && onStage(room.value, slots.value.values());
  return on?.as === "chair" && !on.priority ? on.person : null;
});

/** The chosen layout; while a recording is on stage, one that has a stage: its person may have no tile. */
export const shownLayout = computed(() => {
  const on = room.value && onStage(room.value, slots.value.values());
  return layout.value === "gallery" && on?.as === "speaker" && on.request.kind === "address" ? "speaker" : layout.value;
});

/** What is shown, and in which size. */
export const layoutPlan = computed(() =>
  plan({
    layout: shownLayout.value,
    people: people.value,
    self: you.value?.person ?? "",
    pinned: pinned.value,
    featured: featured.value,
    page: page.value,
    box: tileBox.value,
  }),
);

export function choose(next: Layout): void {
  layout.value = next;
  page.value = 0;
  keep("machine", STORAGE_KEY, next);
}

/** Pins a participant, or nobody any more where that one is pinned. The gallery shows nobody large, so a pin leaves it. */
export function togglePin(person: string): void {
  pinned.value = layoutPlan.value.pinned === person ? null : person;
  if (pinned.value && layout.value === "gallery") choose("speaker");
}

/** Turns the pages in a circle: so the button under the pointer never goes away. */
export function turn(by: 1 | -1): void {
  const { page: shown, pages } = layoutPlan.value;
  page.value = (shown + by + pages) % pages;
}
