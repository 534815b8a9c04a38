import { expect, it } from "vitest";
import { onStage, pictureOf, withheld } from "../src/model/on-stage";
import type { SlotShows } from "../src/model/types";
import { participant, request, room } from "./examples";

type Shows = NonNullable<SlotShows["shows"]>;

const camera = (person: string, change: Partial<Shows> = {}): Shows => ({
  participant: person,
  source: "camera",
  stage: false,
  ...change,
});
const held = (person: string, change: object = {}) =>
  request(`of-${person}`, { state: "granted", beneficiary: person, ...change });

function meeting(floor: object = {}, chairState: "seated" | "away" = "seated") {
  const r = room();
  const moderator = participant("moderator-1", "Moderator", { role: "moderator", state: chairState });
  return { ...r, participants: [...r.participants, moderator], floor: { ...r.floor, chair: "moderator-1", ...floor } };
}

it("the chair is on stage in office while nobody holds the floor, and a chair who is absent is not", () => {
  expect(onStage(meeting(), [])).toEqual({ as: "chair", person: "moderator-1", priority: false });
  expect(onStage(meeting({}, "away"), [])).toBeNull();
  expect(onStage(meeting({ chair: null }), [])).toBeNull();
});

it("the holder is on stage, unless the chair has priority", () => {
  const granted = [held("tokyo-1")];
  expect(onStage(meeting({ granted }), [])).toMatchObject({ as: "speaker", person: "tokyo-1" });
  expect(onStage(meeting({ granted, chair_priority: true }), [])).toEqual({
    as: "chair",
    person: "moderator-1",
    priority: true,
  });
});

it("of several holders the one whose picture the stage carries is named", () => {
  const granted = [held("tokyo-1"), held("seoul-1")];
  expect(onStage(meeting({ granted }), [camera("seoul-1", { stage: true })])).toMatchObject({ person: "seoul-1" });
  expect(onStage(meeting({ granted }), [camera("seoul-1")])).toMatchObject({ person: "tokyo-1" });
});

it("a suspended holder gives way to one who is heard, and otherwise stays", () => {
  const suspended = held("tokyo-1", { substate: "suspended" });
  expect(onStage(meeting({ granted: [suspended, held("seoul-1")] }), [])).toMatchObject({ person: "seoul-1" });
  expect(onStage(meeting({ granted: [suspended] }), [])).toMatchObject({ person: "tokyo-1" });
});

it("the picture of the stage is taken before that of a tile, and none that stands still", () => {
  const slots = new Map([
    ["1", camera("tokyo-1")],
    ["2", camera("tokyo-1", { stage: true })],
    ["3", camera("seoul-1", { paused: true })],
  ]);
  expect(pictureOf(slots, "tokyo-1")).toBe("2");
  expect(pictureOf(slots, "seoul-1")).toBeNull();
  expect(pictureOf(slots, "delhi-1")).toBeNull();
});

it("withheld pictures are counted, and sounds are not", () => {
  expect(
    withheld([
      camera("tokyo-1", { paused: true }),
      camera("seoul-1"),
      { ...camera("delhi-1", { paused: true }), source: "microphone" },
    ]),
  ).toBe(1);
});
