import { expect, it } from "vitest";
import {
  actsOnBehalf,
  asksToSpeak,
  delegatesIn,
  interpretersIn,
  mayOf,
  moderatorsIn,
  sendsPictures,
  sendsSound,
} from "../src/model/permissions";
import { CLERK, DELEGATE, INTERPRETER, MODERATOR, participant, room, VIEWER } from "./examples";

const everybody = [DELEGATE, MODERATOR, CLERK, INTERPRETER, VIEWER].map(mayOf);

it("a participant who may publish sends sound, and pictures unless it interprets", () => {
  expect(everybody.map(sendsSound)).toEqual([true, true, false, true, false]);
  expect(everybody.map(sendsPictures)).toEqual([true, true, false, false, false]);
});

it("a participant asks for the floor to speak, or on behalf of others, or gives it", () => {
  expect(everybody.map(asksToSpeak)).toEqual([true, false, false, false, false]);
  expect(everybody.map(actsOnBehalf)).toEqual([false, false, true, false, false]);
});

it("the floor is given to delegates, the chair to moderators and a channel to interpreters", () => {
  const hall = {
    ...room(),
    participants: [
      participant("d", "D"),
      participant("m", "M", { role: "moderator" }),
      participant("i", "I", { role: "interpreter" }),
      participant("v", "V", { role: "viewer" }),
    ],
  };
  expect([delegatesIn, moderatorsIn, interpretersIn].map((of) => of(hall).map((p) => p.person))).toEqual([
    ["d"],
    ["m"],
    ["i"],
  ]);
});
