import { expect, test } from "vitest";
import { cuesAt, hallLanguage, OFF, shownLanguage } from "../src/model/subtitles";

const cue = (from_ms: number, to_ms: number, text: string) => ({ from_ms, to_ms, text });
const cues = [cue(1000, 3000, "a"), cue(2000, 4000, "b"), cue(2500, 2600, "c"), cue(9000, 9500, "d")];

test("a position shows the subtitles that have begun and not ended, two at most", () => {
  const at = (ms: number) => cuesAt(cues, ms).map(({ text }) => text);
  expect([0, 999, 1000, 2000, 2550, 2999, 3000, 4000, 9000, 9500].map(at)).toEqual([
    [],
    [],
    ["a"],
    ["a", "b"],
    ["b", "c"],
    ["a", "b"],
    ["b"],
    [],
    ["d"],
    [],
  ]);
});

test("subtitles are off until they are chosen, and a language that is not there shows none", () => {
  expect(shownLanguage(OFF, ["en", "ja"])).toBeNull();
  expect(shownLanguage("ja", ["en", "ja"])).toBe("ja");
  expect(shownLanguage("zh-TW", ["en", "zh-Hant-TW"])).toBe("zh-Hant-TW");
  expect(shownLanguage("fr", ["en", "ja"])).toBeNull();
});

test("a hall shows the language of its link, else the first of the conference that there is", () => {
  expect(hallLanguage("ja", ["en"], ["en", "ja"])).toBe("ja");
  expect(hallLanguage("off", ["en"], ["en", "ja"])).toBeNull();
  expect(hallLanguage(null, ["fr", "ja"], ["en", "ja"])).toBe("ja");
  expect(hallLanguage(null, ["fr"], ["en"])).toBeNull();
});
