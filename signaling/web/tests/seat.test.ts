import { describe, expect, it } from "vitest";
import { ownerOf, roomToChoose } from "../src/model/seat";
import type { Conference, Person, PlannedItem, RoomListed } from "../src/model/types";
import { person } from "./examples";

const tokyo = person("tokyo-1", "Tokyo delegate", { delegation: "tokyo" });
const mayor = person("tokyo-2", "Mayor of Tokyo", { delegation: "tokyo" });
const seoul = person("seoul-1", "Seoul delegate", { delegation: "seoul" });
const clerk = person("clerk-1", "Clerk", { role: "clerk" });
const people: Person[] = [tokyo, mayor, seoul, clerk];

const NINE = Date.parse("2021-10-12T01:00:00Z");
const item = (id: string, room: string, change: Partial<PlannedItem> = {}): PlannedItem => ({
  id,
  room,
  title: id,
  kind: "presentations",
  starts: "2021-10-12T01:00:00Z",
  minutes: 30,
  speakers: [],
  limit_ms: null,
  ...change,
});
const conference = (agenda: PlannedItem[]): Conference =>
  ({ agenda, people, time_zone: "Asia/Taipei" }) as unknown as Conference;
const rooms = [{ id: "climate" }, { id: "covid" }, { id: "digital" }];
const on = (room: string, of: string): [string, RoomListed] => [
  room,
  { id: room, title: room, gallery: true, on: { id: of }, next: null, late_ms: null } as unknown as RoomListed,
];
const choose = (listed: [string, RoomListed][], agenda: PlannedItem[], reader: Person = tokyo) =>
  roomToChoose(rooms, new Map(listed), conference(agenda), reader, NINE);

describe("the owner of an item", () => {
  it("is its planned speaker, or another person of the city", () => {
    expect(ownerOf({ speakers: ["tokyo-1"] }, tokyo, people)).toBe("own");
    expect(ownerOf({ speakers: ["seoul-1", "tokyo-2"] }, tokyo, people)).toBe("city");
    expect(ownerOf({ speakers: ["seoul-1"] }, tokyo, people)).toBeNull();
  });

  it("is nobody of the secretariat, which has no city", () => {
    expect(ownerOf({ speakers: ["clerk-1"] }, person("operator-1", "Operator"), people)).toBeNull();
  });
});

describe("the room that is chosen", () => {
  const agenda = [
    item("opening", "covid"),
    item("tokyo", "digital", { speakers: ["tokyo-2"], starts: "2021-10-12T05:00:00Z" }),
  ];

  it("is by the plan while the rooms have said nothing", () => {
    expect(choose([], agenda)).toBe("covid");
  });

  it("is where an item is on, whatever the plan says", () => {
    expect(choose([on("climate", "late")], agenda)).toBe("climate");
  });

  it("is where the reader's own or city's item is on, before another", () => {
    expect(choose([on("climate", "late"), on("digital", "tokyo")], agenda)).toBe("digital");
  });

  it("is where the reader's city speaks next, and otherwise the first", () => {
    const idle: [string, RoomListed] = ["climate", { id: "climate", on: null } as unknown as RoomListed];
    expect(choose([idle], agenda)).toBe("digital");
    expect(choose([idle], agenda, seoul)).toBe("climate");
  });
});
