import { expect, it } from "vitest";
import { setLanguage } from "../src/i18n";
import { cityIn, instant, timePerDelegation } from "../src/model/proceedings";
import type { DelegationFigures } from "../src/wire/generated/http";

const city = (name: string, used_ms: number, change: Partial<DelegationFigures> = {}): DelegationFigures => ({
  delegation: name.toLowerCase(),
  name,
  status: "member",
  speeches: used_ms > 0 ? 1 : 0,
  used_ms,
  present: true,
  ...change,
});

it("time per delegation is the longest first, with the delegations that were present and silent", () => {
  const bars = timePerDelegation({
    delegations: [
      city("Seoul", 60_000),
      city("Delhi", 0),
      city("Tokyo", 240_000),
      city("Brussels", 0, { present: false }),
    ],
  });
  expect(bars.map((bar) => [bar.name, bar.share])).toEqual([
    ["Tokyo", 1],
    ["Seoul", 0.25],
    ["Delhi", 0],
  ]);
});

it("a room in which nobody spoke has bars of no length", () => {
  expect(timePerDelegation({ delegations: [city("Delhi", 0)] })[0]?.share).toBe(0);
});

it("a time of the record is read in UTC, and none where there is none", () => {
  expect(instant({ utc: "2021-10-12T01:00:00Z", local: "2021-10-12T09:00:00+08:00" }).toISOString()).toBe(
    "2021-10-12T01:00:00.000Z",
  );
  expect([instant(null), instant(undefined)]).toEqual([null, null]);
});

it("the city of a speech is named in the language of the page, as far as the record has it", async () => {
  const delegations = [city("Taipei", 0, { names: { en: "Taipei", "zh-Hant-TW": "臺北市" } })];
  await setLanguage("zh-Hant-TW");
  expect([
    cityIn({ delegations }, { delegation: "taipei", city: "Taipei" }),
    cityIn({ delegations }, { delegation: "seoul", city: "Seoul" }),
    cityIn({ delegations }, {}),
  ]).toEqual(["臺北市", "Seoul", null]);
  await setLanguage("en");
  expect(cityIn({ delegations }, { delegation: "taipei", city: "Taipei" })).toBe("Taipei");
});
