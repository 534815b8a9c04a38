import { afterEach, expect, it } from "vitest";
import { setLanguage } from "../src/i18n";
import { texts as english } from "../src/i18n/en/texts";
import { texts as chinese } from "../src/i18n/zh-Hant-TW/texts";
import { room } from "../src/state/room";
import { refusalWords } from "../src/state/refusal";
import { Refused, Unanswered } from "../src/wire/refused";
import { Code } from "../src/wire/generated/socket";
import { room as example } from "./examples";

afterEach(() => setLanguage("en"));

it("in English the server's own sentence is shown, because it has the facts", () => {
  expect(refusalWords(new Refused({ status: 409, code: "absent", detail: "delhi-1 is not connected." }))).toBe(
    "delhi-1 is not connected.",
  );
});

it("participants and cities are named in it", () => {
  room.value = example();
  expect(
    refusalWords(new Refused({ status: 409, code: "absent", detail: "tokyo-1 is not connected, tokyo-12 neither." })),
  ).toBe("Tokyo delegate is not connected, tokyo-12 neither.");
  room.value = null;
});

it("in another language every code has a sentence, and none is English", async () => {
  await setLanguage("zh-Hant-TW");
  for (const code of Code) {
    const words = refusalWords(new Refused({ status: 409, code, detail: "English." }));
    expect(words, code).toBe(chinese[`refused.${code}`]);
    expect(words, code).not.toMatch(/[A-Za-z]{2}/);
  }
});

it("a refusal for an outdated view of the room says so", async () => {
  await setLanguage("zh-Hant-TW");
  expect(refusalWords(new Refused({ status: 412, code: "conflict" }))).toBe(chinese["refused.stale"]);
});

it("a connection that broke is no refusal", () => {
  expect(refusalWords(new Unanswered())).toBe(english["trouble.unanswered"]);
});
