import { file } from "../wire/http";
import { show } from "./notices";
import { refusalWords } from "./refusal";
import { token } from "./session";

/** Fetches a file of the API and gives it to the browser to save; says why if it cannot be had. */
export async function save(path: string, type: string, name: string): Promise<void> {
  try {
    const url = URL.createObjectURL(await file(token.value, path, type));
    const link = Object.assign(document.createElement("a"), { href: url, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  } catch (error) {
    show(refusalWords(error), "refused");
  }
}
