import { expect, it } from "vitest";
import { endingOf } from "../src/ui/record/ending";
import { RevokeRule } from "../src/wire/generated/socket";

it("a speech that ended because the next was called was not withdrawn", () => {
  expect(endingOf({ how: "revoked", reason: "The next speaker was called." })).toEqual({
    how: "By the chair calling the next speaker",
    word: null,
  });
});

it("every rule of order has words of its own, and no rule is quoted as the word of a person", () => {
  const said = RevokeRule.map((reason) => endingOf({ how: "revoked", reason }));
  expect(new Set(said.map(({ how }) => how)).size).toBe(RevokeRule.length);
  expect(said.map(({ word }) => word)).toEqual(RevokeRule.map(() => null));
});

it("the chair's word is quoted", () => {
  expect(endingOf({ how: "revoked", reason: "Off the subject" })).toEqual({
    how: "Withdrawn by the chair",
    word: "Off the subject",
  });
  expect(endingOf({ how: "released", reason: null })).toEqual({ how: "By the speaker", word: null });
  expect(endingOf({ how: "passed", reason: "absent" })).toEqual({ how: "Passed over while absent", word: null });
  expect(endingOf({ how: null, reason: null })).toEqual({ how: "Speaking", word: null });
});
