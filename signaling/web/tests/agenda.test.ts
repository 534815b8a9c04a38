import { describe, expect, it } from "vitest";
import { agendaOfDay, programme } from "../src/model/agenda";
import type { AgendaItem } from "../src/model/types";

const item = (id: string, starts: string, change: Partial<AgendaItem> = {}): AgendaItem => ({
  id,
  title: id,
  kind: "debate",
  starts,
  minutes: 20,
  speakers: [],
  state: "planned",
  ...change,
});
const at = (time: string) => Date.parse(`2021-10-12T${time}Z`);
const minutes = (ms: number) => ms / 60_000;

describe("where a room stands in its agenda", () => {
  const delhi = item("delhi", "2021-10-12T02:00:00Z");
  const taipei = item("taipei", "2021-10-12T02:20:00Z");

  it("where no item is on, the first planned one is next, and late once its time has passed", () => {
    const { on, next, lateMs } = programme({ items: [delhi, taipei] }, at("02:05:00"));
    expect([on, next?.id, minutes(lateMs)]).toEqual([null, "delhi", 5]);
    expect(programme({ items: [delhi, taipei] }, at("01:55:00")).lateMs).toBe(0);
  });

  it("an item that began late keeps the room late, and an overrun makes it later", () => {
    const on = { ...delhi, state: "on" as const, began: "2021-10-12T02:06:00Z" };
    const late = (time: string) => minutes(programme({ items: [on, taipei] }, at(time)).lateMs);
    expect([late("02:08:00"), late("02:20:00"), late("02:31:00")]).toEqual([6, 6, 11]);
  });

  it("a finished item is neither on nor next, and a plan of another day is not late", () => {
    const done = { ...delhi, state: "done" as const };
    expect(programme({ items: [done, taipei] }, at("02:00:00")).next?.id).toBe("taipei");
    expect(programme({ items: [delhi] }, Date.parse("2026-10-12T02:00:00Z")).lateMs).toBe(0);
  });
});

describe("the agenda of the day", () => {
  const items = [
    item("a", "2021-10-12T02:00:00Z"),
    item("b", "2021-10-13T02:00:00Z"),
    item("c", "2021-10-13T04:00:00Z"),
  ];
  const ids = (now: string) => {
    const { day, items: shown } = agendaOfDay(items, "Asia/Taipei", Date.parse(now));
    return [day, ...shown.map((i) => i.id)];
  };

  it("is today's by the conference's time zone", () => {
    expect(ids("2021-10-12T12:00:00Z")).toEqual(["today", "a"]);
    expect(ids("2021-10-12T16:30:00Z")).toEqual(["today", "b", "c"]);
  });

  it("is the next day's before and between the days, and all of it afterwards", () => {
    expect(ids("2021-10-01T00:00:00Z")).toEqual(["next", "a"]);
    expect(ids("2022-01-01T00:00:00Z")).toEqual(["all", "a", "b", "c"]);
  });
});
