import { file } from "../wire/http";
import { show } from "./notices";
import { refusalWords } from "./refusal";
import { authorized } from "./session";

/** Fetches a file of the API for the browser to save, and shows why if it is refused. */
export async function save(path: string, type: string, name: string): Promise<void> {
  try {
    const url = URL.createObjectURL(await authorized((token) => file(token, path, type)));
    const link = Object.assign(document.createElement("a"), { href: url, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  } catch (error) {
    show(refusalWords(error), "refused");
  }
}
