import { afterEach, expect, it } from "vitest";
import { catalogues, language } from "../src/i18n";
import { room } from "../src/state/room";
import { refusalWords } from "../src/state/refusal";
import { Refused, Unanswered } from "../src/wire/socket";
import { room as example } from "./examples";

/** Every code of the server: domain.md's, the transport's, and `unavailable`. */
const CODES = [
  "unauthorized", "forbidden", "not_found", "invalid", "too_large", "rate_limited", "conflict", "list_closed", "duplicate",
  "too_many_requests", "floor_full", "absent", "policy_violation", "already_passed", "not_passed", "not_holder",
  "request_closed", "invalid_transition", "nothing_listed", "unavailable",
];

afterEach(() => (language.value = "en"));

it("the server's own sentence is said in English, because it has the facts", () => {
  expect(refusalWords(new Refused({ status: 409, code: "absent", detail: "delhi-1 is not connected." }))).toBe("delhi-1 is not connected.");
});

it("people and cities are called by their names in it", () => {
  room.value = example();
  expect(refusalWords(new Refused({ status: 409, code: "absent", detail: "tokyo-1 is not connected, tokyo-12 neither." }))).toBe("Tokyo delegate is not connected, tokyo-12 neither.");
  room.value = null;
});

it("in another language every code has a sentence, and none is English", () => {
  language.value = "zh-Hant";
  for (const code of CODES) {
    const words = refusalWords(new Refused({ status: 409, code, detail: "English." }));
    expect(words, code).toBe((catalogues["zh-Hant"] as Record<string, string>)[`refused.${code}`]);
    expect(words, code).not.toMatch(/[A-Za-z]{2}/);
  }
});

it("what was decided on an old sight of the room says so", () => {
  language.value = "zh-Hant";
  expect(refusalWords(new Refused({ status: 412, code: "conflict" }))).toBe(catalogues["zh-Hant"]["refused.stale"]);
});

it("a connection that broke is no refusal", () => {
  expect(refusalWords(new Unanswered())).toBe(catalogues.en["trouble.unanswered"]);
});
