import { describe, expect, it } from "vitest";
import { shortcut, shortcutRows, type KeyPress, type KeyState } from "../src/model/shortcuts";

const state: KeyState = {
  on: true,
  dialog: false,
  sendsSound: true,
  sendsPictures: true,
  asksToSpeak: true,
  interprets: false,
  muted: true,
  tabs: 5,
};
const viewer: KeyState = { ...state, sendsSound: false, sendsPictures: false, asksToSpeak: false, muted: false };
const press = (key: string, change: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: "",
  shift: false,
  modified: false,
  repeat: false,
  composing: false,
  focus: "nothing",
  ...change,
});
const does = (key: string, change: Partial<KeyPress> = {}, with_: Partial<KeyState> = {}) =>
  shortcut(press(key, change), { ...state, ...with_ })?.does;
const ALL = ["m", "v", "f", " ", "?", "1"];

describe("the keys of the room", () => {
  it("turn microphone and camera on and off, ask for the floor, and show the list of keys", () => {
    expect(ALL.map((key) => does(key))).toEqual(["microphone", "camera", "ask", "talk", "help", "tab"]);
    expect(does("M")).toBe("microphone");
    expect(does("x")).toBeUndefined();
  });

  it("go to the tabs that there are", () => {
    expect(shortcut(press("5"), state)).toEqual({ does: "tab", index: 4 });
    expect(["0", "6"].map((key) => does(key))).toEqual([undefined, undefined]);
  });

  it("do nothing while they are turned off, and nothing below a dialog or a menu", () => {
    for (const key of ALL)
      expect([does(key, {}, { on: false }), does(key, {}, { dialog: true })]).toEqual([undefined, undefined]);
  });

  it("do nothing with another key, when they repeat, in a field, or while an input method composes", () => {
    for (const change of [{ modified: true }, { repeat: true }, { focus: "field" }, { composing: true }] as const) {
      expect(ALL.map((key) => does(key, change)).filter(Boolean)).toEqual([]);
    }
    expect(["M", "V", "F"].map((key) => does(key, { shift: true })).filter(Boolean)).toEqual([]);
  });

  it("work where a digit or the question mark needs Shift", () => {
    expect([does("1", { shift: true }), does("?", { shift: true })]).toEqual(["tab", "help"]);
  });

  it("are where the Latin letters are on a keyboard with another script", () => {
    expect(does("ь", { code: "KeyM" })).toBe("microphone");
    expect(does("ㄩ", { code: "KeyM" })).toBe("microphone");
    expect(["Process", "Dead", "Tab"].map((key) => does(key, { code: "KeyM" })).filter(Boolean)).toEqual([]);
    // A Latin keyboard with another order says what is written on its keys.
    expect(does("a", { code: "KeyM" })).toBeUndefined();
  });
});

describe("the space bar", () => {
  it("talks only while the microphone is off, and leaves a control that has the focus alone", () => {
    expect(does(" ", {}, { muted: false })).toBeUndefined();
    expect(does(" ", { focus: "control" })).toBeUndefined();
    expect(does("m", { focus: "control" })).toBe("microphone");
  });
});

describe("a participant is offered only the keys that apply", () => {
  it("to a viewer the tabs and the list", () => {
    expect(shortcutRows(viewer).map((row) => row.does)).toEqual(["tabs", "help"]);
    expect(["m", "v", "f", " "].map((key) => shortcut(press(key), viewer)).filter(Boolean)).toEqual([]);
  });

  it("to a delegate everything but the cough, to an interpreter the cough and no camera", () => {
    expect(shortcutRows(state).map((row) => row.keys)).toEqual(["M", "space", "V", "F", "1–5", "?"]);
    expect(
      shortcutRows({ ...state, sendsPictures: false, asksToSpeak: false, interprets: true }).map((row) => row.keys),
    ).toEqual(["M", "space", "C", "1–5", "?"]);
  });
});
