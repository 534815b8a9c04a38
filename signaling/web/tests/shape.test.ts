import { describe, expect, it } from "vitest";
import { shapeOf } from "../src/model/shape";

describe("the layout of the room", () => {
  it.each([
    ["a laptop", 1280, 800, "wide"],
    ["a small laptop", 1024, 768, "wide"],
    ["a tablet held upright", 768, 1024, "middle"],
    ["a phone held upright", 390, 844, "narrow"],
    ["the smallest phone", 320, 640, "narrow"],
    ["a phone held sideways", 844, 390, "flat"],
    ["a laptop at 400 % zoom", 320, 200, "flat"],
  ])("of %s (%i × %i)", (_, width, height, shape) => {
    expect(shapeOf(width / 16, height / 16)).toBe(shape);
  });

  it("of a laptop with its text at 200 % is that of half the window", () => {
    expect(shapeOf(1280 / 32, 1024 / 32)).toBe("middle");
    expect(shapeOf(1440 / 32, 900 / 32)).toBe("flat");
  });

  it("of a 4K screen, whose text is larger, is the wide one", () => {
    expect(shapeOf(3840 / 24, 2160 / 24)).toBe("wide");
  });
});
