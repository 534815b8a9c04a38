import { afterEach, expect, it } from "vitest";
import type { Conference, Person } from "../src/model/types";
import { nameIn, nameOf } from "../src/model/names";
import { reduce } from "../src/model/reduce";
import { refusalWords } from "../src/state/refusal";
import { room as current } from "../src/state/room";
import { conference } from "../src/state/session";
import { Refused } from "../src/wire/socket";
import { event, room } from "./examples";

const people: Person[] = [{ person: "delhi-1", name: "Delhi delegate", role: "delegate", delegation: "delhi", rooms: ["climate"] }];

afterEach(() => {
  conference.value = null;
  current.value = null;
});

it("who was never seated is called by the name that the conference has", () => {
  expect(nameOf({ ...room(), people }, "delhi-1")).toBe("Delhi delegate");
  expect(nameIn({ people }, "delhi-1")).toBe("Delhi delegate");
});

it("an id stands only for one whom nobody knows", () => {
  expect(nameOf({ ...room(), people }, "atlantis-1")).toBe("atlantis-1");
  expect([nameOf(room(), "delhi-1"), nameIn(null, "delhi-1")]).toEqual(["delhi-1", "delhi-1"]);
});

it("who is gone keeps the name, and so does who was sent out", () => {
  const seoul: Person = { person: "seoul-1", name: "Seoul delegate", role: "delegate" };
  const gone = reduce({ ...room(), people: [seoul] }, event(1, "participant.left", { person: "seoul-1", reason: "removed" }));
  expect(nameOf(gone, "seoul-1")).toBe("Seoul delegate");
  expect(gone.removed).toEqual([{ person: "seoul-1", name: "Seoul delegate" }]);
});

it("a refusal names who was never seated", () => {
  conference.value = { id: "c", name: "C", time_zone: "UTC", delegations: [], rooms: [], agenda: [], people } as Conference;
  expect(refusalWords(new Refused({ status: 409, code: "absent", detail: "delhi-1 is not connected." }))).toBe("Delhi delegate is not connected.");
});
