import { expect, it } from "vitest";
import {
  cameraState,
  isHeard,
  microphoneState,
  NO_RECEPTION,
  receive,
  speakerState,
  type Reception,
} from "../src/model/live-state";
import { OFF } from "../src/model/source";
import { speech } from "./examples";

const on = { source: { phase: "on", silent: false } as const, on: true, publishing: true, mutedByChair: false };
const arriving = receive(NO_RECEPTION, { type: "received", microphone: true, camera: true }, 1_000);
const level = (state: Reception, dbov: number, at: number) => receive(state, { type: "level", dbov }, at);

it("nobody is called live before the server has said that it hears them", () => {
  expect(microphoneState(on, NO_RECEPTION, 60_000)).toBe("unknown");
  expect([isHeard("unknown"), isHeard("checking")]).toEqual([false, false]);
});

it("a microphone that the server hears is live, and goes on being so in a pause of the speech", () => {
  const heard = level(arriving, -30, 2_000);
  expect(microphoneState(on, heard, 2_100)).toBe("live");
  const noise = level(level(heard, -62, 6_000), -62, 12_000);
  expect(microphoneState(on, noise, 12_100)).toBe("live");
  expect(microphoneState(on, level(noise, -62, 15_000), 15_000)).toBe("quiet");
  expect(isHeard("quiet")).toBe(true);
});

it("a microphone of which packets arrive with nothing in them is not live", () => {
  let state = arriving;
  for (let at = 1_200; at <= 7_000; at += 200) state = level(state, -127, at);
  expect(microphoneState(on, state, 4_000)).toBe("checking");
  expect(microphoneState(on, state, 7_000)).toBe("nothing");
  expect(microphoneState(on, level(state, -35, 7_200), 7_300)).toBe("live");
});

it("a microphone of which nothing arrives is not live once it had time to", () => {
  const gone = receive(level(arriving, -30, 2_000), { type: "received", microphone: false, camera: true }, 3_000);
  expect(microphoneState(on, gone, 3_500)).toBe("checking");
  expect(microphoneState(on, gone, 5_000)).toBe("nothing");
  // The server says so again, and nothing has changed.
  expect(microphoneState(on, receive(gone, { type: "received", microphone: false, camera: true }, 4_900), 5_000)).toBe(
    "nothing",
  );
});

it("a microphone that was turned on again has time to be heard", () => {
  const silent = level(arriving, -127, 60_000);
  expect(microphoneState(on, silent, 60_000)).toBe("nothing");
  const again = receive(silent, { type: "turned_on" }, 60_000);
  expect(microphoneState(on, again, 61_000)).toBe("checking");
  expect(microphoneState(on, level(again, -40, 61_000), 61_000)).toBe("live");
});

it("what this device or the chair does to the microphone comes before what the server hears", () => {
  const heard = level(arriving, -30, 2_000);
  expect(microphoneState({ ...on, on: false }, heard, 2_100)).toBe("off");
  expect(microphoneState({ ...on, source: OFF }, heard, 2_100)).toBe("off");
  expect(microphoneState({ ...on, source: { phase: "lost", silent: false } }, heard, 2_100)).toBe("lost");
  expect(microphoneState({ ...on, source: { phase: "on", silent: true } }, heard, 2_100)).toBe("device_silent");
  expect(microphoneState({ ...on, mutedByChair: true, on: false }, heard, 2_100)).toBe("muted");
  expect(microphoneState({ ...on, publishing: false }, heard, 2_100)).toBe("elsewhere");
});

it("a camera is seen only while its picture arrives", () => {
  expect(cameraState(on, NO_RECEPTION, 9_000)).toBe("unknown");
  expect(cameraState(on, arriving, 1_100)).toBe("seen");
  const gone = receive(arriving, { type: "received", microphone: true, camera: false }, 2_000);
  expect(cameraState(on, gone, 2_500)).toBe("checking");
  expect(cameraState(on, gone, 4_500)).toBe("nothing");
  expect(cameraState({ ...on, on: false }, arriving, 2_500)).toBe("off");
  expect(cameraState({ ...on, source: { phase: "retrying", silent: false } }, arriving, 2_500)).toBe("lost");
  expect(cameraState({ ...on, publishing: false }, arriving, 2_500)).toBe("elsewhere");
});

it("while the connection is lost the speaker is told that the floor is kept, and nothing else", () => {
  expect(speakerState(speech("r1"), false, "live")).toEqual({ says: "kept" });
  expect(speakerState(speech("r1", { suspended_by: ["point_of_order"] }), true, "live")).toEqual({
    says: "suspended",
    cause: "point_of_order",
  });
  expect(speakerState(speech("r1"), true, "off")).toEqual({ says: "microphone", microphone: "off" });
});
