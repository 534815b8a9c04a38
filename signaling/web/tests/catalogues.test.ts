import { expect, it } from "vitest";
import { catalogues, chooseLanguage, fill } from "../src/i18n";
import { ordinal } from "../src/i18n/format";

const parameters = (message: string) => [...message.matchAll(/\{\w+\}/g)].map(String).sort();

it("every catalogue has every message, none empty, with the same parameters", () => {
  for (const catalogue of Object.values(catalogues)) {
    expect(Object.keys(catalogue).sort()).toEqual(Object.keys(catalogues.en).sort());
    for (const [key, message] of Object.entries(catalogue)) {
      expect(message.trim(), key).not.toBe("");
      expect(parameters(message), key).toEqual(parameters(catalogues.en[key as keyof typeof catalogue]));
    }
  }
});

it("nothing in the Chinese catalogue was left in English but names and units", () => {
  const names = /Plenary|Wi-Fi|TCP|UDP|\.md|\.csv|\.json/g;
  const english = Object.entries(catalogues["zh-Hant"]).filter(([, message]) => /[A-Za-z]{2}/.test(message.replace(/\{\w+\}/g, "").replace(names, "")));
  expect(english).toEqual([]);
});

it("a message's parameters are filled in, and an unknown one stays to be seen", () => {
  expect(fill("{a} of {b}", { a: 1 })).toBe("1 of {b}");
});

it("the language is the kept one, else the first of the browser's that there is", () => {
  expect(chooseLanguage("zh-Hant", ["en"])).toBe("zh-Hant");
  expect(chooseLanguage(null, ["fr", "zh-TW", "en"])).toBe("zh-Hant");
  expect(chooseLanguage(null, ["fr"])).toBe("en");
});

it("places are said as each language says them", () => {
  expect([1, 2, 3, 4, 11, 22].map((n) => ordinal(n, "en"))).toEqual(["1st", "2nd", "3rd", "4th", "11th", "22nd"]);
  expect(ordinal(3, "zh-Hant")).toBe("第 3 位");
});
