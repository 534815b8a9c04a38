import { describe, expect, it } from "vitest";
import { fill, languageNames } from "../src/i18n";
import type { Language } from "../src/i18n/language";
import { matchLanguage } from "../src/i18n/match";

const folders = import.meta.glob<Language>("../src/i18n/*/index.ts", { eager: true, import: "default" });
const languages = Object.entries(folders).map(([path, language]) => ({ tag: path.split("/").at(-2) ?? "", language }));
const find = (tag: string) => languages.find((each) => each.tag === tag)!.language;
const english = new Map<string, string>(Object.entries(find("en").texts));

const parameters = (message: string) => [...message.matchAll(/\{\w+\}/g)].map(String).sort();
const isLatin = (tag: string) => new Intl.Locale(tag).maximize().script === "Latn";

describe.each(languages)("the language in the folder $tag", ({ tag, language }) => {
  it("has every message, none empty, with the parameters of the English one", () => {
    expect(Object.keys(language.texts).sort()).toEqual([...english.keys()].sort());
    for (const [key, message] of Object.entries(language.texts)) {
      expect(message.trim(), key).not.toBe("");
      expect(parameters(message), key).toEqual(parameters(english.get(key) ?? ""));
    }
  });

  it("is offered by its own name", () => {
    expect(languageNames.get(tag)).toMatch(/\S/);
  });

  it("has a tag and a locale that formatters know", () => {
    expect(Intl.getCanonicalLocales(tag)).toEqual([tag]);
    expect(Intl.DateTimeFormat.supportedLocalesOf(language.locale)).toHaveLength(1);
    expect(language.ordinal(3)).toContain("3");
  });
});

describe.each(languages.filter(({ tag }) => !isLatin(tag)))(
  "the language in the folder $tag, in a script of its own,",
  ({ language }) => {
    it("has no English left in it but names and units", () => {
      const names =
        /Plenary|WebM|WebVTT|Matroska|LUFS|VLC|\.mkv|Wi-Fi|Chrome|Edge|Firefox|Safari|TCP|UDP|\.md|\.csv|\.json/g;
      const left = Object.entries(language.texts).filter(([, message]) =>
        /[A-Za-z]{2}/.test(message.replace(/\{\w+\}/g, "").replace(names, "")),
      );
      expect(left).toEqual([]);
    });
  },
);

it("English and Traditional Chinese are among the languages", () => {
  expect(languages.map(({ tag }) => tag)).toEqual(expect.arrayContaining(["en", "zh-Hant-TW"]));
});

it("a message's parameters are filled in, and an unknown one stays visible", () => {
  expect(fill("{a} of {b}", { a: 1 })).toBe("1 of {b}");
});

it("the first wanted language that exists is chosen, by language, script and region", () => {
  const available = ["en", "zh-Hant-TW"];
  expect(matchLanguage(available, ["zh-Hant-TW", "en"])).toBe("zh-Hant-TW");
  expect(matchLanguage(available, ["fr", "zh-TW", "en"])).toBe("zh-Hant-TW");
  expect(matchLanguage(available, ["zh-Hant", "en"])).toBe("zh-Hant-TW");
  expect(matchLanguage(available, ["zh"])).toBe("zh-Hant-TW");
  expect(matchLanguage(["zh-Hans", "zh-Hant-TW"], ["zh-HK"])).toBe("zh-Hant-TW");
  expect(matchLanguage(available, ["en-GB", "zh-TW"])).toBe("en");
  expect(matchLanguage(available, ["fr", "no such tag"])).toBeNull();
});

it("places are said as each language says them", () => {
  expect([1, 2, 3, 4, 11, 22].map(find("en").ordinal)).toEqual(["1st", "2nd", "3rd", "4th", "11th", "22nd"]);
  expect(find("zh-Hant-TW").ordinal(3)).toBe("第 3 位");
});

it("a range of days is said as each language says it", () => {
  const days = (tag: string) => {
    const { locale, dayRange } = find(tag);
    return dayRange(
      new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", timeZone: "UTC" }),
      new Date("2021-10-12"),
      new Date("2021-10-14"),
    );
  };
  expect(days("en")).toMatch(/^12\W+14 October$/);
  expect(days("zh-Hant-TW")).toBe("10月12日至10月14日");
});
