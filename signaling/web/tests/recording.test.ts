import { expect, it } from "vitest";
import { clockFace } from "../src/model/clock";
import { mainAction } from "../src/model/main-action";
import { wouldBeHeard } from "../src/model/muted-speech";
import {
  beneficiaryIn,
  isPlayed,
  isRecorded,
  mayBePlayed,
  nameOfFile,
  positionAt,
  positionText,
  recordedSpeech,
  seekable,
  standsStill,
  tracksOf,
  type RecordedSpeech,
} from "../src/model/recording";
import { complaint } from "../src/model/refusal";
import type { AgendaItem, Floor } from "../src/model/types";
import { person, request, room, speech, tokyo } from "./examples";

const AS_OF = "2021-10-12T01:00:00Z";
const at = (seconds: number) => Date.parse(AS_OF) + seconds * 1_000;

function address(change: Partial<RecordedSpeech["recorded"]> = {}, of: Partial<RecordedSpeech> = {}): RecordedSpeech {
  const recorded = {
    media: "mayor",
    name: "The mayor’s address",
    position_ms: 60_000,
    duration_ms: 420_000,
    running: true,
    generation: 1,
    from_ms: 0,
    ...change,
  };
  return {
    ...speech("r1", { kind: "address", limit_ms: 420_000, consumed_ms: 60_000, running: recorded.running, ...of }),
    recorded,
  };
}

function playing(of = address()): Floor {
  return {
    ...room().floor,
    speeches: [of],
    granted: [
      request("r1", { kind: "address", state: "granted", substate: of.recorded.running ? "live" : "suspended" }),
    ],
  };
}

it("a speech is a recording if it has one, and only while it has the floor", () => {
  expect([isRecorded(speech("r1")), isRecorded(null), isRecorded(address())]).toEqual([false, false, true]);
  expect(recordedSpeech(playing())?.request).toBe("r1");
  expect(recordedSpeech({ ...playing(), granted: [] })).toBeNull();
  expect([isPlayed(playing(), "tokyo-1"), isPlayed(playing(), "seoul-1"), isPlayed(room().floor, undefined)]).toEqual([
    true,
    false,
    false,
  ]);
});

it("the position goes on while the recording plays, stands still otherwise, and never passes the end", () => {
  expect(positionAt(address(), at(10))).toBe(70_000);
  expect(positionAt(address(), at(-5))).toBe(60_000);
  expect(positionAt(address({ running: false }), at(10))).toBe(60_000);
  expect(positionAt(address(), at(1_000))).toBe(420_000);
  expect([positionText(0), positionText(999), positionText(190_400), positionText(420_000)]).toEqual([
    "0:00",
    "0:00",
    "3:10",
    "7:00",
  ]);
});

it("a position is sought within the recording, and before its end", () => {
  expect([seekable(-5_000, 420_000), seekable(100.6, 420_000), seekable(420_000, 420_000), seekable(5, 0)]).toEqual([
    0, 101, 419_999, 0,
  ]);
});

it("the clock is that of the recording: without a warning, and without overtime", () => {
  expect(clockFace(address(), at(330), 60_000)).toMatchObject({ remainingMs: 30_000, colour: "green", running: true });
  expect(clockFace(address(), at(1_000), 60_000)).toMatchObject({ remainingMs: 0, colour: "green", used: 1 });
  expect(clockFace(address({ running: false }), at(330), 60_000)).toMatchObject({
    remainingMs: 360_000,
    running: false,
  });
});

it("the chair is asked about a failure at once, and about a stall once it has lasted", () => {
  const stalled = address({ running: false, position_ms: 190_000, stall: { since: AS_OF } });
  expect(standsStill(stalled, at(1))).toBeNull();
  expect(standsStill(stalled, at(4))).toEqual({ at: 190_000, failure: null });
  const failed = address({
    running: false,
    position_ms: 190_000,
    stall: { since: AS_OF, failure: "the file is gone" },
  });
  expect(standsStill(failed, at(0))).toEqual({ at: 190_000, failure: "the file is gone" });
  expect([standsStill(address(), at(9)), standsStill(null, at(9))]).toEqual([null, null]);
});

it("whoever is played can neither ask nor end, and would not be heard, with or without a device of their own", () => {
  const action = { does: "nothing", why: "recorded" };
  expect(mainAction(playing(), tokyo, true)).toEqual(action);
  expect(mainAction(playing(), { ...tokyo, publishing: false }, true)).toEqual(action);
  expect(mainAction(playing(address({ running: false })), tokyo, true)).toEqual(action);
  expect(wouldBeHeard({ ...room(), floor: playing() }, tokyo)).toBe(false);
});

it("a file gives a recording its first name", () => {
  expect(["Mayor's address.webm", "mayor_of_tokyo.mkv", "no ending", "v1.2 final.webm"].map(nameOfFile)).toEqual([
    "Mayor's address",
    "mayor of tokyo",
    "no ending",
    "v1.2 final",
  ]);
});

it("the tracks are told as sizes, codec and languages", () => {
  const tracks = [
    { kind: "video", codec: "vp8", height: 720 },
    { kind: "video", codec: "vp8", height: 360 },
    { kind: "audio", codec: "opus", language: "ja" },
    { kind: "audio", codec: "opus" },
    { kind: "text", codec: "webvtt", language: "ja" },
  ];
  expect(tracksOf({ tracks })).toEqual({ pictures: ["720p", "360p"], codec: "VP8", languages: ["ja"] });
  expect(tracksOf({ tracks: [] })).toEqual({ pictures: [], codec: null, languages: [] });
});

it("delegates and moderators who may enter the room may be named as those who speak", () => {
  const people = [
    person("viewer-1", "A", { role: "viewer" }),
    person("tokyo-1", "Tokyo", { rooms: ["climate"] }),
    person("chair", "Chair", { role: "moderator" }),
    person("seoul-1", "Seoul", { rooms: ["covid"] }),
  ];
  expect(mayBePlayed(people, "climate").map((p) => p.person)).toEqual(["chair", "tokyo-1"]);
});

it("the agenda names who speaks in a recording, the item that is on first", () => {
  const item = (id: string, change: Partial<AgendaItem>): AgendaItem => ({
    id,
    title: id,
    kind: "address",
    starts: AS_OF,
    minutes: 10,
    speakers: [],
    state: "planned",
    ...change,
  });
  const items = [
    item("a", { recording: "mayor", beneficiary: "tokyo-1" }),
    item("b", { recording: "mayor", beneficiary: "seoul-1", state: "on" }),
    item("c", { recording: "hymn" }),
  ];
  expect([
    beneficiaryIn(items, "mayor"),
    beneficiaryIn(items.slice(0, 1), "mayor"),
    beneficiaryIn(items, "hymn"),
    beneficiaryIn(items, "other"),
  ]).toEqual(["seoul-1", "tokyo-1", "", ""]);
});

it("a refusal about a recording holds until the floor has changed", () => {
  const before = complaint(room(), "recording.play", "floor_full");
  expect(complaint({ ...room(), seq: 9 }, "recording.play", "floor_full")).toBe(before);
  expect(complaint({ ...room(), floor: playing() }, "recording.play", "floor_full")).not.toBe(before);
});
