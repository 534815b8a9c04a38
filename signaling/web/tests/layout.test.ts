import { describe, expect, test } from "vitest";
import {
  assign,
  cityOfTile,
  cityTile,
  GAP_PX,
  gridOf,
  inOrder,
  plan,
  TILE_SLOTS,
  wanted,
  type Box,
  type LayoutInput,
} from "../src/model/layout";

const cities = Array.from({ length: 14 }, (_, n) => `city-${String(n + 1).padStart(2, "0")}`);
/** Fourteen cities with two persons each. */
const people = cities.flatMap((city) => [`${city}-a`, `${city}-b`]);

const input = (more: Partial<LayoutInput> = {}): LayoutInput => ({
  layout: "gallery",
  people,
  self: "nobody",
  pinned: null,
  featured: null,
  page: 0,
  box: { width: 900, height: 520 },
  ...more,
});

/** Windows from a narrow phone to 4K, as the place for the tiles. */
const BOXES: Box[] = [
  { width: 300, height: 90 },
  { width: 300, height: 420 },
  { width: 640, height: 150 },
  { width: 900, height: 520 },
  { width: 1400, height: 800 },
  { width: 2900, height: 1700 },
];

describe("a plan", () => {
  test.each(BOXES)("loses nobody of twenty-eight in a place of $width by $height", (box) => {
    for (const layout of ["speaker", "gallery", "slides"] as const) {
      const { pages } = plan(input({ layout, box }));
      const all = Array.from({ length: pages }, (_, page) => plan(input({ layout, box, page })).tiles);
      expect(all.flat()).toEqual(people);
      for (const tiles of all) {
        expect(tiles.length).toBeGreaterThan(0);
        expect(wanted(plan(input({ layout, box })), "nobody").length).toBeLessThanOrEqual(TILE_SLOTS);
      }
    }
  });

  test("has tiles that fit into their place, and of the same size on every page", () => {
    for (const box of BOXES) {
      const { pages } = plan(input({ box }));
      for (let page = 0; page < pages; page += 1) {
        const { grid, tiles } = plan(input({ box, page }));
        expect(grid).toEqual(plan(input({ box })).grid);
        expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(tiles.length);
        expect(grid.columns * (grid.tile.width + GAP_PX) - GAP_PX).toBeLessThanOrEqual(box.width);
        expect(grid.rows * (grid.tile.height + GAP_PX) - GAP_PX).toBeLessThanOrEqual(box.height);
      }
    }
  });

  test("shows all twenty-eight on one page where there is room", () => {
    expect(plan(input({ box: { width: 2900, height: 1700 } }))).toMatchObject({
      pages: 1,
      grid: { columns: 5, rows: 6 },
    });
  });

  test("goes to the last page where the chosen one is gone", () => {
    const { pages } = plan(input());
    expect(plan(input({ page: 99 })).page).toBe(pages - 1);
    expect(plan(input({ page: -1 })).page).toBe(0);
    expect(plan(input({ page: 3, people: ["one"] }))).toMatchObject({ page: 0, pages: 1, tiles: ["one"] });
  });

  test("of an empty room, or a place without room, is no fault", () => {
    expect(plan(input({ people: [] }))).toMatchObject({ pages: 1, tiles: [] });
    expect(plan(input({ box: { width: 0, height: 0 } }))).toMatchObject({ pages: 28, grid: { tile: { width: 0 } } });
  });

  test("pins a participant who is here, and in the gallery nobody", () => {
    expect(plan(input({ layout: "speaker", pinned: "city-03-a" })).pinned).toBe("city-03-a");
    expect(plan(input({ layout: "speaker", pinned: "gone" })).pinned).toBeNull();
    expect(plan(input({ pinned: "city-03-a" })).pinned).toBeNull();
  });
});

test("a grid makes tiles as large as the place lets them be", () => {
  expect(gridOf({ width: 1000, height: 300 }, 3).columns).toBe(3);
  expect(gridOf({ width: 300, height: 1000 }, 3)).toMatchObject({ columns: 1, rows: 3, tile: { width: 300 } });
  expect(gridOf({ width: 808, height: 460 }, 4)).toMatchObject({
    columns: 2,
    rows: 2,
    tile: { width: 400, height: 225 },
  });
});

describe("what is wanted", () => {
  test("is everybody on the page but oneself, the pinned one first and large", () => {
    const three = plan(
      input({ layout: "speaker", people: ["a", "b", "c"], pinned: "b", box: { width: 600, height: 90 } }),
    );
    expect(wanted(three, "a")).toEqual([
      { person: "b", large: true },
      { person: "c", large: false },
    ]);
    expect(wanted(three, "b")).toEqual([
      { person: "a", large: false },
      { person: "c", large: false },
    ]);
  });

  test("is the picture of the chair on stage, large, and of nobody by the name of a city", () => {
    const tiles = plan(
      input({
        layout: "speaker",
        people: ["chair", "a", cityTile("delhi")],
        featured: "chair",
        box: { width: 600, height: 90 },
      }),
    );
    expect(wanted(tiles, "")).toEqual([
      { person: "chair", large: true },
      { person: "a", large: false },
    ]);
    expect(tiles.tiles.map(cityOfTile)).toEqual([null, null, "delhi"]);
  });

  test("is nobody where the tiles have no place", () => {
    expect(wanted(plan(input({ layout: "speaker", pinned: "city-01-a", box: { width: 0, height: 0 } })), "")).toEqual([
      { person: "city-01-a", large: true },
    ]);
  });

  test("includes a pinned participant of another page", () => {
    const first = plan(input({ layout: "speaker", pinned: "city-14-b", box: { width: 600, height: 90 } }));
    expect(first.tiles).not.toContain("city-14-b");
    expect(wanted(first, "nobody")[0]).toEqual({ person: "city-14-b", large: true });
  });

  test("is large where few tiles fill the place, and small where there are many", () => {
    expect(
      wanted(plan(input({ people: ["a", "b"], box: { width: 1400, height: 800 } })), "").every(({ large }) => large),
    ).toBe(true);
    expect(wanted(plan(input({ box: { width: 2900, height: 1700 } })), "").some(({ large }) => large)).toBe(false);
  });
});

describe("the slots", () => {
  test("of pictures that stay do not change, and free ones go to the new", () => {
    const mids = ["8", "9", "10"];
    const first = assign(new Map(), ["a", "b", "c"], mids);
    expect([...first]).toEqual([
      ["8", "a"],
      ["9", "b"],
      ["10", "c"],
    ]);
    const next = assign(first, ["d", "c", "a"], mids);
    expect(next).toEqual(
      new Map([
        ["8", "a"],
        ["10", "c"],
        ["9", "d"],
      ]),
    );
  });

  test("never carry one person twice, and are never more than there are", () => {
    expect(
      assign(
        new Map([
          ["8", "a"],
          ["9", "a"],
        ]),
        ["a", "b"],
        ["8", "9"],
      ),
    ).toEqual(
      new Map([
        ["8", "a"],
        ["9", "b"],
      ]),
    );
    expect(assign(new Map(), people, ["8"]).size).toBe(1);
    expect(assign(new Map([["gone", "a"]]), ["a"], ["8"])).toEqual(new Map([["8", "a"]]));
  });
});

test("the order is the chair, then the delegations as the conference lists them", () => {
  const seated = [
    { person: "tokyo-2", delegation: "tokyo" },
    { person: "m-2", delegation: null },
    { person: "tokyo-1", delegation: "tokyo" },
    { person: "delhi-1", delegation: "delhi" },
    { person: "m-1", delegation: null },
  ];
  expect(inOrder(seated, "m-2", ["taipei", "tokyo", "delhi"]).map(({ person }) => person)).toEqual([
    "m-2",
    "m-1",
    "tokyo-1",
    "tokyo-2",
    "delhi-1",
  ]);
});
