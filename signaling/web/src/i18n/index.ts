import { signal } from "@preact/signals";
import { keep, kept } from "../session/storage";
import english from "./en";
import { isolated } from "./isolate";
import type { Key, Language } from "./language";
import { matchLanguage } from "./match";

export type { Key } from "./language";

/** The language of the code and of the server's own sentences. It is part of the first load; the others are fetched. */
export const DEFAULT_TAG = "en";

const loaders = import.meta.glob<Language>(["./*/index.ts", "!./en/index.ts"], { import: "default" });
const names = import.meta.glob<string>("./*/name.ts", { import: "default", eager: true });

const tagOf = (path: string) => path.split("/")[1] ?? "";

/** Every language that has a folder, by its tag, with its own name. */
export const languageNames = new Map(Object.entries(names).map(([path, name]) => [tagOf(path), name]));

const STORAGE_KEY = "plenary.language";

/** The language of everything on the page. A component that reads it is drawn anew when it changes. */
const current = signal<{ tag: string; language: Language }>({ tag: DEFAULT_TAG, language: english });

export function languageTag(): string {
  return current.value.tag;
}

export function language(): Language {
  return current.value.language;
}

/** Shows the page in the language chosen before, or in the first of the browser's languages that there is. */
export async function startLanguage(): Promise<void> {
  const wanted = [kept("machine", STORAGE_KEY), ...navigator.languages].filter((tag) => tag !== null);
  await setLanguage(matchLanguage([...languageNames.keys()], wanted) ?? DEFAULT_TAG);
}

/** Shows the page in another language, and does so on this machine from now on. */
export async function chooseLanguage(tag: string): Promise<void> {
  keep("machine", STORAGE_KEY, tag);
  await setLanguage(tag);
}

/** Changes the language. One that cannot be fetched leaves the page as it is. */
export async function setLanguage(tag: string): Promise<void> {
  const load = loaders[`./${tag}/index.ts`];
  const language = load ? await load().catch(() => null) : english;
  if (!language) return;
  current.value = { tag: load ? tag : DEFAULT_TAG, language };
  if (typeof document !== "undefined") document.documentElement.lang = current.value.tag;
}

/** Whether a name from the server names a message. */
export function isKey(name: string): name is Key {
  return name in english.texts;
}

/** A message in the page's language, its `{parameters}` filled in. A name that only a newer server knows is shown as words. */
export function t(key: Key, parameters: Record<string, string | number> = {}): string {
  const message: string | undefined = language().texts[key];
  return fill(message ?? key.slice(key.indexOf(".") + 1).replaceAll("_", " "), parameters);
}

export function fill(message: string, parameters: Record<string, string | number>): string {
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => isolated(String(parameters[name] ?? whole)));
}
