import { effect, signal } from "@preact/signals";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { announce, announcements, notice, show, takeBackAnnouncements } from "../src/state/notices";

const said = () => announcements.value.map(({ text, urgency }) => `${urgency}: ${text}`);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
});

it("a notice is announced once, and interrupts only if something was refused", () => {
  show("The camera works again.");
  show("The list is closed.", "refused");
  expect(said()).toEqual(["polite: The camera works again.", "assertive: The list is closed."]);
  expect(notice.value?.text).toBe("The list is closed.");
});

it("announcements that follow each other are all kept for a while, also the same one again", () => {
  announce("The chair has finished speaking.");
  announce("Tokyo has the floor.");
  announce("Tokyo has the floor.");
  expect(said().length).toBe(3);
  expect(new Set(announcements.value.map(({ id }) => id)).size).toBe(3);
  vi.runAllTimers();
  expect(said()).toEqual([]);
});

it("an effect may announce, and does so once for each change", () => {
  const state = signal("off");
  const stop = effect(() => announce(`Your microphone is ${state.value}.`, "assertive"));
  state.value = "on";
  expect(said()).toEqual(["assertive: Your microphone is off.", "assertive: Your microphone is on."]);
  stop();
});

it("what was announced is taken back when it may no longer be true", () => {
  announce("You have the floor.", "assertive");
  takeBackAnnouncements();
  expect(said()).toEqual([]);
});
