import { describe, expect, it } from "vitest";
import { isQuiet, languagesInTurn, RESULT_SHOWN_MS, shownDecision } from "../src/model/hall";
import { settingsIn } from "../src/session/invitation";
import type { Room } from "../src/model/types";
import { decision, request, room } from "./examples";

const AT = "2021-10-12T01:00:00Z";

const NOW = Date.parse(AT);
const closed = (id: string, after = 0) =>
  decision({ id, state: "closed", result: "adopted", closed_at: new Date(NOW - after).toISOString() });

describe("the decision on the screen", () => {
  it("is the open one, whatever was declared before", () => {
    expect(shownDecision([closed("d1"), decision({ id: "d2" })], NOW)?.id).toBe("d2");
  });

  it("is the last result for a while, and then none", () => {
    expect(shownDecision([closed("d1"), closed("d2")], NOW)?.id).toBe("d2");
    expect(shownDecision([closed("d1", RESULT_SHOWN_MS - 1)], NOW)?.id).toBe("d1");
    expect(shownDecision([closed("d1", RESULT_SHOWN_MS)], NOW)).toBeNull();
  });

  it("is none where the question was withdrawn, or none was put", () => {
    expect(shownDecision([decision({ state: "withdrawn", closed_at: AT })], NOW)).toBeNull();
    expect(shownDecision([], NOW)).toBeNull();
  });
});

describe("the languages of the screen", () => {
  const available = ["en", "zh-Hant-TW"];

  it("are those of the conference in turn, as far as the page has them", () => {
    expect(languagesInTurn(null, ["en", "ja", "zh-Hant-TW"], available, "en")).toEqual(["en", "zh-Hant-TW"]);
    expect(languagesInTurn(null, ["zh-TW", "zh-Hant-TW"], available, "en")).toEqual(["zh-Hant-TW"]);
    expect(languagesInTurn(null, ["ja"], available, "en")).toEqual(["en"]);
  });

  it("are the one that the link names, where the page has it", () => {
    expect(languagesInTurn("zh-TW", ["en"], available, "en")).toEqual(["zh-Hant-TW"]);
    expect(languagesInTurn("ja", ["en", "zh-Hant-TW"], available, "en")).toEqual(["en", "zh-Hant-TW"]);
  });
});

it("a page is loaded anew only while nobody speaks and no question is on the screen", () => {
  const quiet = room();
  const withFloor = (change: Partial<Room["floor"]>): Room => ({ ...quiet, floor: { ...quiet.floor, ...change } });
  expect(isQuiet(quiet, NOW)).toBe(true);
  expect(isQuiet({ ...quiet, decisions: [decision()] }, NOW)).toBe(false);
  expect(isQuiet(withFloor({ granted: [request("r1", { state: "granted" })] }), NOW)).toBe(false);
  expect(isQuiet(withFloor({ chair_priority: true }), NOW)).toBe(false);
});

it("of a link's settings the secret is never kept, nor what is no setting", () => {
  expect(settingsIn("#i=eyJa.b.c&lang=zh-Hant-TW&sound=ja&other=x")).toBe("lang=zh-Hant-TW&sound=ja");
  expect(settingsIn("#i=eyJa.b.c")).toBe("");
});
