import { expect, it } from "vitest";
import { doneBy, secondsLeft, undoableBy, type Undoable } from "../src/model/undo";
import { room } from "./examples";

const undoable: Undoable = {
  id: 7,
  command: "floor.next",
  about: "r2",
  by: "moderator-1",
  until: "2021-10-12T01:00:10Z",
};

it("only the participant who gave a command may undo it", () => {
  const floor = { ...room().floor, undoable };
  expect([
    undoableBy(floor, "moderator-1"),
    undoableBy(floor, "moderator-2"),
    undoableBy(room().floor, "moderator-1"),
  ]).toEqual([undoable, null, null]);
});

it("the countdown ends with the time that the server has set", () => {
  const at = (time: string) => secondsLeft(undoable, Date.parse(time));
  expect([
    at("2021-10-12T01:00:00Z"),
    at("2021-10-12T01:00:09.999Z"),
    at("2021-10-12T01:00:10Z"),
    at("2021-10-12T01:00:30Z"),
  ]).toEqual([10, 1, 0, 0]);
  expect(secondsLeft(null, 0)).toBe(0);
});

it("what was done is said by its effect", () => {
  const commands: Undoable["command"][] = [
    "floor.next",
    "floor.grant",
    "floor.deny",
    "floor.pass",
    "floor.accept",
    "floor.move",
    "floor.recall",
    "floor.order",
  ];
  expect(commands.map((command) => doneBy({ ...undoable, command }))).toEqual([
    "granted",
    "granted",
    "denied",
    "passed",
    "placed",
    "placed",
    "placed",
    "order",
  ]);
});
