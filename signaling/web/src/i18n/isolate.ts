/** What is written from right to left, or changes the direction (UAX #9). */
const REORDERS =
  /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

/**
 * A text of people as it may stand in a sentence: in an isolate, if it could reorder what stands around it. Isolates that it
 * leaves open are closed, and ends of isolates that it did not begin are left out. The server does the same in its files.
 */
export function isolated(text: string): string {
  if (!REORDERS.test(text)) return text;
  let open = 0;
  const kept = [...text].filter((letter) => {
    if (letter >= "\u2066" && letter <= FIRST_STRONG_ISOLATE) open += 1;
    if (letter !== POP_ISOLATE) return true;
    open -= 1;
    if (open >= 0) return true;
    open = 0;
    return false;
  });
  return FIRST_STRONG_ISOLATE + kept.join("") + POP_ISOLATE.repeat(open + 1);
}

/** Facts about a person in one line, none of which reorders the others. */
export function factLine(facts: (string | false | null | undefined)[]): string {
  return facts
    .filter((fact) => typeof fact === "string" && fact !== "")
    .map((fact) => isolated(fact as string))
    .join(" · ");
}
