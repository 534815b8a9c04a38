import { signal } from "@preact/signals";
import { en, type Catalogue, type Key } from "./en";
import { zhHant } from "./zh-Hant";

export type Language = "en" | "zh-Hant";

export const catalogues: Record<Language, Catalogue> = { en, "zh-Hant": zhHant };
export const languageNames: Record<Language, string> = { en: "English", "zh-Hant": "繁體中文" };

const KEY = "plenary.language";

/** The language of everything on the page. Reading it in a component subscribes to it. */
export const language = signal<Language>("en");

/** The kept choice, else the first of the browser's languages that there is a catalogue for. */
export function chooseLanguage(kept: string | null, wanted: readonly string[]): Language {
  if (kept === "en" || kept === "zh-Hant") return kept;
  for (const tag of wanted) {
    if (/^zh\b/i.test(tag)) return "zh-Hant";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}

export function startLanguage(): void {
  setLanguage(chooseLanguage(localStorage.getItem(KEY), navigator.languages));
}

export function setLanguage(to: Language): void {
  language.value = to;
  document.documentElement.lang = to === "zh-Hant" ? "zh-Hant-TW" : to;
}

export function keepLanguage(to: Language): void {
  localStorage.setItem(KEY, to);
  setLanguage(to);
}

/**
 * A message in the page's language, its `{parameters}` filled in. A word that a newer server says and this catalogue
 * does not know is shown as it is.
 */
export function t(key: Key, parameters: Record<string, string | number> = {}): string {
  const message: string | undefined = catalogues[language.value][key];
  return fill(message ?? key.slice(key.indexOf(".") + 1).replaceAll("_", " "), parameters);
}

export function fill(message: string, parameters: Record<string, string | number>): string {
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole));
}
