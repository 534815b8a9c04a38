import { expect, it } from "vitest";
import { readVolumes } from "../src/media/volume";

it("a volume that was kept is kept, and what is none is full", () => {
  expect(readVolumes('{"floor":0.4,"channel":0}')).toEqual({ floor: 0.4, channel: 0 });
  for (const text of [null, "", "nonsense", "null", "[]", '{"floor":"loud","channel":-1}', '{"floor":2}'])
    expect(readVolumes(text)).toEqual({ floor: 1, channel: 1 });
});
