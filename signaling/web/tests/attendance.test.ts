import { expect, it } from "vitest";
import { attendance, lastHere, leftAt, memberCount, needed, present } from "../src/model/attendance";
import type { Conference } from "../src/model/types";
import { participant, person, room } from "./examples";

const delegation = (id: string, status: "member" | "observer" = "member") => ({
  id,
  name: id,
  country: "JP",
  time_zone: "Asia/Tokyo",
  status,
});

const conference = (): Conference =>
  ({
    id: "c",
    name: "C",
    theme: "",
    host: null,
    starts: "2021-10-12",
    ends: "2021-10-14",
    time_zone: "UTC",
    languages: [],
    agenda: [],
    rooms: [],
    delegations: [
      delegation("tokyo"),
      delegation("seoul"),
      delegation("delhi"),
      delegation("manila"),
      delegation("brussels", "observer"),
    ],
    people: [
      ...["tokyo", "seoul", "delhi", "brussels"].map((id) => person(`${id}-1`, id, { delegation: id })),
      person("manila-1", "manila", { delegation: "manila", rooms: ["elsewhere"] }),
    ],
  }) as unknown as Conference;

it("members are counted as here, kept or absent; observers and members of other rooms are not", () => {
  const counts = attendance(room(), conference());
  expect(counts).toEqual({ here: ["tokyo"], kept: ["seoul"], absent: ["delhi"] });
  expect([present(counts), memberCount(counts)]).toEqual([2, 3]);
});

it("a member is here while any of its delegates is seated, and not by a viewer", () => {
  const r = room();
  r.participants = [
    participant("seoul-1", "Seoul", { delegation: "seoul", state: "away" }),
    participant("seoul-2", "Seoul", { delegation: "seoul" }),
    participant("delhi-9", "Delhi", { delegation: "delhi", role: "viewer" }),
  ];
  expect(attendance(r, conference())).toEqual({ here: ["seoul"], kept: [], absent: ["tokyo", "delhi"] });
});

it("a quorum needs a number, or a fraction rounded up", () => {
  expect([needed(8, 14), needed("2/3", 14), needed("1/2", 14), needed("1/2", 15)]).toEqual([8, 10, 7, 8]);
  expect([needed(0, 14), needed("3/2", 14), needed("half", 14), needed("0/2", 14)]).toEqual([null, null, null, null]);
});

it("a city that is not here was here last when the last of its delegates left, or was never seen", () => {
  const r = {
    ...room(),
    left: [
      { person: "delhi-1", at: "2021-10-12T02:42:00Z" },
      { person: "moderator-1", at: "2021-10-12T03:00:00Z" },
    ],
  };
  expect([
    lastHere(r, conference(), "delhi"),
    lastHere(r, conference(), "manila"),
    lastHere(room(), conference(), "delhi"),
  ]).toEqual(["2021-10-12T02:42:00Z", null, null]);
  expect([leftAt(r, "moderator-1"), leftAt(r, "seoul-1")]).toEqual(["2021-10-12T03:00:00Z", null]);
});
