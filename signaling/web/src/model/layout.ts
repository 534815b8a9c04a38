/** How the pictures are laid out: who speaks above a row of the others, all in a grid, or slides beside who speaks. */
export type Layout = "speaker" | "gallery" | "slides";

export const LAYOUTS: readonly Layout[] = ["speaker", "gallery", "slides"];

export interface Box {
  width: number;
  height: number;
}

/** A grid of equal tiles, and the size of each. */
export interface Grid {
  columns: number;
  rows: number;
  tile: Box;
}

export interface LayoutInput {
  layout: Layout;
  /** The participants who can be shown, in their order. */
  people: readonly string[];
  /** This participant, whose own camera needs no slot. */
  self: string;
  pinned: string | null;
  /** Who is on stage without the stage's own slot: the chair who conducts the meeting. */
  featured: string | null;
  /** The page that was chosen; one that there is no longer becomes the last. */
  page: number;
  /** The place for the tiles. */
  box: Box;
}

/** What is shown. */
export interface LayoutPlan {
  /** The participant who is shown large beside the stage, if one is pinned. */
  pinned: string | null;
  /** Who is on stage by the picture of a tile. */
  featured: string | null;
  /** The tiles of this page. */
  tiles: string[];
  page: number;
  pages: number;
  grid: Grid;
}

/** A participant's picture that is wanted, and how large it is shown. */
export interface WantedPicture {
  person: string;
  large: boolean;
}

/** Space between tiles, CSS pixels; the same as in the style. */
export const GAP_PX = 8;
/** A tile is never smaller: name and face would no longer be recognised. */
const MIN_TILE_PX = { speaker: 120, slides: 120, gallery: 148 } as const;
const ASPECT = 16 / 9;
/** From this width on the smallest layer of a picture looks blurred. */
const LARGE_FROM_PX = 440;
/** Of a page with more tiles none is large: they would share the path until none is. */
const MAX_LARGE = 9;
/** The lines for tiles in an offer: fourteen cities with two persons each. */
export const TILE_SLOTS = 28;

/** The participants of each page, the tiles of this page, and their size. */
export function plan({ layout, people, page, pinned, featured, box }: LayoutInput): LayoutPlan {
  const here = (person: string | null) =>
    layout !== "gallery" && person !== null && people.includes(person) ? person : null;
  // Outside the gallery two slots stay free for participants of other pages who are shown large.
  const slots = layout === "gallery" ? TILE_SLOTS : TILE_SLOTS - 2;
  const capacity = Math.min(slots, capacityOf(box, MIN_TILE_PX[layout]));
  const pages = Math.max(1, Math.ceil(people.length / capacity));
  // Pages of about the same length, so that the last one is not a single tile.
  const perPage = Math.max(1, Math.ceil(people.length / pages));
  const shown = Math.min(Math.max(0, page), pages - 1);
  const tiles = people.slice(shown * perPage, (shown + 1) * perPage);
  return {
    pinned: here(pinned),
    featured: here(featured),
    tiles,
    page: shown,
    pages,
    // Of every page the same size, so that nothing jumps from page to page.
    grid: gridOf(box, perPage),
  };
}

/** How many tiles of a least width have room. At least one: a tile too small is better than none. */
function capacityOf({ width, height }: Box, least: number): number {
  const columns = Math.floor((width + GAP_PX) / (least + GAP_PX));
  const rows = Math.floor((height + GAP_PX) / (least / ASPECT + GAP_PX));
  return Math.max(1, columns) * Math.max(1, rows);
}

/** The grid in which so many tiles are largest. */
export function gridOf({ width, height }: Box, count: number): Grid {
  let best: Grid = { columns: 1, rows: Math.max(1, count), tile: { width: 0, height: 0 } };
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const rows = Math.ceil(Math.max(1, count) / columns);
    const across = (width - GAP_PX * (columns - 1)) / columns;
    const down = (height - GAP_PX * (rows - 1)) / rows;
    const size = Math.floor(Math.max(0, Math.min(across, down * ASPECT)));
    if (size > best.tile.width) best = { columns, rows, tile: { width: size, height: Math.floor(size / ASPECT) } };
  }
  return best;
}

/** The pictures that a plan needs slots for: of everybody on the page or shown large, but not one's own. */
export function wanted({ pinned, featured, tiles, grid }: LayoutPlan, self: string): WantedPicture[] {
  const large = grid.tile.width >= LARGE_FROM_PX && tiles.length <= MAX_LARGE;
  const inFull = [pinned, featured].filter((person) => person !== null);
  const all = new Map(inFull.map((person) => [person, true]));
  // Where the tiles have no place they are not shown.
  if (grid.tile.width > 0) for (const person of tiles) if (!all.has(person) && !isCity(person)) all.set(person, large);
  all.delete(self);
  return [...all].map(([person, large]) => ({ person, large }));
}

/** The tile of a city of which nobody is here: its name keeps a place. No participant is called so. */
export function cityTile(delegation: string): string {
  return `~${delegation}`;
}

function isCity(tile: string): boolean {
  return tile.startsWith("~");
}

/** The delegation of a city's tile; `null` for a participant. */
export function cityOfTile(tile: string): string | null {
  return isCity(tile) ? tile.slice(1) : null;
}

/**
 * The slot of each wanted picture. Who has a slot keeps it, so that a picture that stays on the page goes on; the others get
 * those that are free.
 */
export function assign(
  before: ReadonlyMap<string, string>,
  people: readonly string[],
  mids: readonly string[],
): Map<string, string> {
  const kept = new Map<string, string>();
  for (const [mid, person] of before)
    if (mids.includes(mid) && people.includes(person) && ![...kept.values()].includes(person)) kept.set(mid, person);
  const placed = new Set(kept.values());
  const free = mids.filter((mid) => !kept.has(mid));
  for (const person of people) {
    if (placed.has(person)) continue;
    const mid = free.shift();
    if (mid === undefined) break;
    kept.set(mid, person);
  }
  return kept;
}

/**
 * The participants in the order of their tiles: the chair, then the delegations as the conference lists them, each with
 * its persons. Nobody moves because of who speaks.
 */
export function inOrder<P extends { person: string; delegation?: string | null }>(
  people: readonly P[],
  chair: string | null,
  delegations: readonly string[],
): P[] {
  const place = ({ person, delegation }: P) =>
    person === chair ? -2 : delegation ? delegations.indexOf(delegation) : -1;
  return [...people].sort((a, b) => place(a) - place(b) || (a.person < b.person ? -1 : a.person > b.person ? 1 : 0));
}
