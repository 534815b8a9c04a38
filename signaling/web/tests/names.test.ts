import { afterEach, describe, expect, it } from "vitest";
import { setLanguage } from "../src/i18n";
import { namedIn, nameIn, nameOf, titleOf } from "../src/model/names";
import { reduce } from "../src/model/reduce";
import { refusalWords } from "../src/state/refusal";
import { room as current } from "../src/state/room";
import { conference } from "../src/state/session";
import { Refused } from "../src/wire/refused";
import { event, person, room } from "./examples";

const people = [person("delhi-1", "Delhi delegate", { delegation: "delhi", rooms: ["climate"] })];

afterEach(() => {
  conference.value = null;
  current.value = null;
});

it("a participant who was never seated is named as the conference has it", () => {
  expect(nameOf({ ...room(), people }, "delhi-1")).toBe("Delhi delegate");
  expect(nameIn({ people }, "delhi-1")).toBe("Delhi delegate");
});

it("an id stands only for a person whom the conference does not know", () => {
  expect(nameOf({ ...room(), people }, "atlantis-1")).toBe("atlantis-1");
  expect([nameOf(room(), "delhi-1"), nameIn(null, "delhi-1")]).toEqual(["delhi-1", "delhi-1"]);
});

it("a participant keeps the name after leaving and after being removed", () => {
  const seoul = person("seoul-1", "Seoul delegate");
  const gone = reduce(
    { ...room(), people: [seoul] },
    event(1, "participant.left", { person: "seoul-1", reason: "removed" }),
  );
  expect(nameOf(gone, "seoul-1")).toBe("Seoul delegate");
  expect(gone.removed).toEqual([{ person: "seoul-1", name: "Seoul delegate" }]);
});

it("a refusal names a participant who was never seated", () => {
  conference.value = {
    id: "c",
    name: "C",
    theme: "",
    host: null,
    time_zone: "UTC",
    starts: "",
    ends: "",
    languages: [],
    delegations: [],
    rooms: [],
    agenda: [],
    people,
  };
  expect(refusalWords(new Refused({ status: 409, code: "absent", detail: "delhi-1 is not connected." }))).toBe(
    "Delhi delegate is not connected.",
  );
});

describe("names and titles by language", () => {
  afterEach(() => setLanguage("en"));
  const tokyo = person("tokyo-1", "Tokyo delegate", { names: { "zh-Hant-TW": "東京代表" } });
  const titles = { title: "Climate", titles: { "zh-Hant-TW": "氣候變遷" } };

  it("are shown in the page's language, and as they are where the file has no other", async () => {
    expect([titleOf(titles), nameIn({ people: [tokyo] }, "tokyo-1")]).toEqual(["Climate", "Tokyo delegate"]);
    await setLanguage("zh-Hant-TW");
    expect([titleOf(titles), nameIn({ people: [tokyo] }, "tokyo-1")]).toEqual(["氣候變遷", "東京代表"]);
    expect(titleOf({ title: "Opening" })).toBe("Opening");
  });

  it("of a script that readers of the page's language read are better than none", async () => {
    await setLanguage("zh-Hant-TW");
    expect(namedIn({ name: "Tokyo", names: { "zh-Hant": "東京", ja: "東京都" } })).toBe("東京");
  });

  it("of a removed participant follow the language too", async () => {
    const gone = reduce(
      { ...room(), people: [tokyo] },
      event(1, "participant.left", { person: "tokyo-1", reason: "removed" }),
    );
    expect(gone.removed?.map(({ person: id }) => id)).toEqual(["tokyo-1"]);
  });
});
