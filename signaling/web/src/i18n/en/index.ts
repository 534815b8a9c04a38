import type { Language } from "../language";
import { texts } from "./texts";

const SUFFIXES: Record<Intl.LDMLPluralRule, string> = {
  one: "st",
  two: "nd",
  few: "rd",
  other: "th",
  zero: "th",
  many: "th",
};
const ordinals = new Intl.PluralRules("en", { type: "ordinal" });

const language: Language = {
  texts,
  locale: "en-GB",
  ordinal: (n) => `${n}${SUFFIXES[ordinals.select(n)]}`,
  dayRange: (format, from, to) => format.formatRange(from, to),
};
export default language;
