import { expect, it } from "vitest";
import { mayReload, scriptOf, type PageUse } from "../src/model/upgrade";

const idle: PageUse = { live: false, busy: false, forgetful: false, onlyListens: false };

it("an old page is replaced by itself only where nothing is lost by it", () => {
  expect(mayReload(idle)).toBe(true);
  for (const loss of Object.keys(idle)) expect(mayReload({ ...idle, [loss]: true }), loss).toBe(false);
});

it("a page is known by the script that it loads, wherever it is served", () => {
  const page = '<head><script type="module" crossorigin src="./assets/index-Ab12_x.js"></script></head>';
  expect(scriptOf(page, "https://host.example/plenary/")).toBe("https://host.example/plenary/assets/index-Ab12_x.js");
  expect(scriptOf("<h1>Sign in to the hotel's network</h1>", "https://host.example/")).toBeNull();
});
