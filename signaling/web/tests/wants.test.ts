import { expect, test } from "vitest";
import { news, wantsOf } from "../src/model/wants";

const lines = { stage: "6", language: "36", tiles: ["8", "9"] };

test("a line wants what is wished for it, and otherwise nothing", () => {
  const tiles = new Map([["9", { person: "tokyo-1", large: true }]]);
  expect(wantsOf(lines, { sound: "floor", largeStage: false, tiles })).toEqual([
    { mid: "6", wants: "stage", size: "small" },
    { mid: "36", wants: "nothing" },
    { mid: "8", wants: "nothing" },
    { mid: "9", wants: "tile:tokyo-1", size: "large" },
  ]);
  expect(
    wantsOf(lines, { sound: "ja", largeStage: true, tiles: new Map([["8", { person: "delhi-1", large: false }]]) }),
  ).toEqual([
    { mid: "6", wants: "stage" },
    { mid: "36", wants: "lang:ja" },
    { mid: "8", wants: "tile:delhi-1" },
    { mid: "9", wants: "nothing" },
  ]);
});

test("only what has changed is told, a size alone included", () => {
  const before = wantsOf(lines, {
    sound: "floor",
    largeStage: true,
    tiles: new Map([["8", { person: "delhi-1", large: false }]]),
  });
  expect(news(before, before)).toEqual([]);
  const large = wantsOf(lines, {
    sound: "floor",
    largeStage: true,
    tiles: new Map([["8", { person: "delhi-1", large: true }]]),
  });
  expect(news(before, large)).toEqual([{ mid: "8", wants: "tile:delhi-1", size: "large" }]);
  expect(news([], before)).toEqual(before);
});
