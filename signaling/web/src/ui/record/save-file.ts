import { withLanguage } from "../../model/player";
import { freshLinks } from "../../state/player";
import { apiUrl } from "../../wire/address";

interface Saved {
  url: string;
  name: string;
  languages: readonly string[];
}

/** Saves a file of the record, with the sound of a channel or of the floor. A link that may have ended is fetched anew first. */
export async function save(newest: () => Saved, language: string | null): Promise<void> {
  await freshLinks();
  const file = newest();
  const heard = language !== null && file.languages.includes(language) ? language : null;
  const href = apiUrl(withLanguage(file, heard)).href;
  const download = heard === null ? file.name : file.name.replace(/(?=\.[^.]+$)/, `-${heard}`);
  Object.assign(document.createElement("a"), { href, download }).click();
}
