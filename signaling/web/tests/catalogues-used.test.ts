import { expect, it } from "vitest";
import { texts as en } from "../src/i18n/en/texts";

const sources: string[] = Object.values(
  import.meta.glob<string>(["../src/**/*.{ts,tsx}", "!../src/i18n/**"], {
    query: "?raw",
    import: "default",
    eager: true,
  }),
);

/** The templates that name messages, such as `kind.${…}`; a hole stands for any word. */
function patterns(): Map<string, RegExp> {
  const hole = /\$\{(?:[^{}]|\{[^{}]*\})*\}/g;
  const found = sources.flatMap((source) =>
    [...source.matchAll(/`([a-z_]+\.(?:[a-z_.]|\$\{(?:[^{}]|\{[^{}]*\})*\})+)`/g)].map(([, text]) => text ?? ""),
  );
  return new Map(found.map((text) => [text, new RegExp(`^${text.replaceAll(".", "\\.").replace(hole, "[a-z_]+")}$`)]));
}

it("the sources can be searched", () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(patterns().size).toBeGreaterThan(10);
});

it("every message is used", () => {
  const whole = new Set(
    sources.flatMap((source) => [...source.matchAll(/["']([a-z_]+(?:\.[a-z_]+)+)["']/g)].map(([, text]) => text)),
  );
  const said = (key: string) => whole.has(key) || [...patterns().values()].some((pattern) => pattern.test(key));
  expect(Object.keys(en).filter((key) => !said(key))).toEqual([]);
});

it("every message that the sources name exists", () => {
  const asked = sources.flatMap((source) =>
    [...source.matchAll(/\bt\(\s*["']([^"']+)["']/g)].map(([, key]) => key ?? ""),
  );
  expect(asked.filter((key) => !(key in en))).toEqual([]);
  const areas = new Set(Object.keys(en).map((key) => key.split(".")[0]));
  const named = [...patterns()].filter(([text]) => areas.has(text.split(".")[0] ?? ""));
  expect(
    named.filter(([, pattern]) => !Object.keys(en).some((key) => pattern.test(key))).map(([text]) => text),
  ).toEqual([]);
});
