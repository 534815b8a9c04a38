import { expect, it } from "vitest";
import { itemTiming } from "../src/model/item-timing";
import type { AgendaItem } from "../src/model/types";

const AT = Date.parse("2021-10-12T02:00:00Z");
const MINUTE = 60_000;
const item = (change: Partial<AgendaItem> & { due?: string } = {}): AgendaItem => ({
  id: "i1",
  kind: "debate",
  title: "Early warning",
  starts: "2021-10-12T02:00:00Z",
  minutes: 40,
  speakers: [],
  state: "planned",
  ...change,
});

it("an item that was not taken up is overdue from its planned start on, or from the time to which it was postponed", () => {
  expect(itemTiming(item(), AT + 30_000)).toBeNull();
  expect(itemTiming(item(), AT + 5 * MINUTE)).toEqual({ says: "overdue", ms: 5 * MINUTE });
  expect(itemTiming(item({ due: "2021-10-12T02:20:00Z" }), AT + 5 * MINUTE)).toBeNull();
});

it("an item that is on began late, or overruns by what it takes longer than planned", () => {
  const on = item({ state: "on", began: "2021-10-12T02:12:00Z" });
  expect(itemTiming(on, AT + 20 * MINUTE)).toEqual({ says: "began_late", ms: 12 * MINUTE });
  expect(itemTiming(on, AT + 55 * MINUTE)).toEqual({ says: "overruns", ms: 3 * MINUTE });
  expect(itemTiming(item({ state: "on", began: "2021-10-12T02:00:10Z" }), AT + MINUTE)).toBeNull();
});

it("an item that is done is not late", () => {
  expect(itemTiming(item({ state: "done" }), AT + 500 * MINUTE)).toBeNull();
});

it("an item of another day is not late by days", () => {
  expect(itemTiming(item(), AT + 24 * 60 * MINUTE)).toBeNull();
  expect(itemTiming(item({ state: "on", began: "2021-10-14T02:00:00Z" }), AT + (48 * 60 + 10) * MINUTE)).toBeNull();
});
