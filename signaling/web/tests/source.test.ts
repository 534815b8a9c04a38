import { describe, expect, it } from "vitest";
import { OFF, sourceStep, type SourceInput, type SourceState } from "../src/model/source";

function after(...inputs: SourceInput[]) {
  return inputs.reduce((step, input) => sourceStep(step.state, input), { state: OFF, effects: [] as unknown[] });
}

const on: SourceInput[] = ["wanted", "opened"];

describe("a microphone or camera that ends by itself", () => {
  it("is replaced by another device, and the participant is told", () => {
    expect(after(...on, "ended").effects).toEqual([{ do: "close" }, { do: "open" }]);
    expect(after(...on, "ended", "opened")).toEqual({
      state: { phase: "on", silent: false },
      effects: [{ do: "tell", news: "replaced" }],
    });
  });

  it("is said to be lost at once where no other device can be opened, and is not said again", () => {
    expect(after(...on, "ended", "failed")).toEqual({
      state: { phase: "lost", silent: false },
      effects: [{ do: "tell", news: "lost" }],
    });
    expect(after(...on, "ended", "failed", "devices_changed", "failed")).toEqual({
      state: { phase: "lost", silent: false },
      effects: [],
    });
  });

  it("is used again as soon as a device is there", () => {
    expect(after(...on, "ended", "failed", "devices_changed").effects).toEqual([{ do: "open" }]);
    expect(after(...on, "ended", "failed", "devices_changed", "opened").effects).toEqual([
      { do: "tell", news: "restored" },
    ]);
  });
});

describe("a microphone or camera that cannot be opened", () => {
  it("is tried again when the devices change, and not whenever the page is shown: the browser would ask each time", () => {
    expect(after("wanted", "failed").state.phase).toBe("unavailable");
    expect(after("wanted", "failed", "woke").effects).toEqual([]);
    expect(after("wanted", "failed", "devices_changed").effects).toEqual([{ do: "open" }]);
    expect(after("wanted", "failed", "devices_changed", "opened")).toEqual({
      state: { phase: "on", silent: false },
      effects: [],
    });
  });

  it("is tried again when the page is shown if it was on before", () => {
    expect(after(...on, "ended", "failed", "woke").effects).toEqual([{ do: "open" }]);
  });
});

describe("a microphone or camera that gives nothing", () => {
  it("is said at once, once, and so is its return", () => {
    expect(after(...on, "muted")).toEqual({
      state: { phase: "on", silent: true },
      effects: [{ do: "tell", news: "silent" }],
    });
    expect(after(...on, "muted", "muted").effects).toEqual([]);
    expect(after(...on, "muted", "unmuted")).toEqual({
      state: { phase: "on", silent: false },
      effects: [{ do: "tell", news: "restored" }],
    });
  });
});

describe("a device that is chosen in place of another", () => {
  it("is on at once, gives sound, and is told of nowhere else", () => {
    expect(after(...on, "muted", "switched")).toEqual({ state: { phase: "on", silent: false }, effects: [] });
  });

  it("does not turn on what is off or lost", () => {
    for (const inputs of [[], [...on, "ended", "failed"]] satisfies SourceInput[][])
      expect(after(...inputs, "switched").state).toEqual(after(...inputs).state);
  });
});

describe("what the participant does with a device", () => {
  it("is told of nowhere else", () => {
    for (const inputs of [on, ["wanted", "failed"], [...on, "unwanted"]] satisfies SourceInput[][])
      expect(after(...inputs).effects.filter((effect) => JSON.stringify(effect).includes("tell"))).toEqual([]);
  });

  it("is not undone: a source that was turned off is opened by nothing else", () => {
    const off: SourceState = after(...on, "unwanted").state;
    for (const input of ["ended", "devices_changed", "woke", "muted", "unmuted", "opened", "failed"] as const)
      expect(sourceStep(off, input)).toEqual({ state: off, effects: [] });
  });

  it("lets go of one device before it opens another", () => {
    expect(after(...on, "wanted").effects).toEqual([{ do: "close" }, { do: "open" }]);
  });
});
