import { expect, it } from "vitest";
import { holders } from "../src/model/holders";
import { request } from "./examples";

const granted = (id: string, change = {}) => request(id, { state: "granted", substate: "live", ...change });
const ids = (floor: Parameters<typeof holders>[0]) => ({
  places: holders(floor).places.map((r) => r?.id ?? null),
  paused: holders(floor).paused.map(({ id }) => id),
});

it("there is a place for each microphone, whether somebody holds it or not", () => {
  expect(ids({ nom: 1, granted: [] })).toEqual({ places: [null], paused: [] });
  expect(ids({ nom: 2, granted: [granted("r1")] })).toEqual({ places: ["r1", null], paused: [] });
});

it("a point of order that is heard takes the place of the speech that it pauses", () => {
  const paused = granted("r1", { substate: "suspended" });
  expect(ids({ nom: 1, granted: [paused, granted("r2", { kind: "point_of_order" })] })).toEqual({
    places: ["r2"],
    paused: ["r1"],
  });
});
