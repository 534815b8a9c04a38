import type { texts } from "./en/texts";

/** The messages, by name. English has them all, and every other language must. */
export type Key = keyof typeof texts;
export type Catalogue = Record<Key, string>;

/** What a language's folder exports. The folder is named after the language's BCP 47 tag. */
export interface Language {
  texts: Catalogue;
  /** The locale by which dates and numbers are formatted. */
  locale: string;
  /** A place in the speaking order: `3rd`. */
  ordinal(n: number): string;
  /** From a day to another, in the given format. */
  dayRange(format: Intl.DateTimeFormat, from: Date, to: Date): string;
}
