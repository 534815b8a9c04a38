import { expect, it } from "vitest";
import { isRoomEvent, problemOf, readServerMessage, type Reply, type ServerMessage } from "../src/wire/messages";
import { Refused } from "../src/wire/refused";
import { event, room, tokyo } from "./examples";

const read = (message: object) => readServerMessage(JSON.stringify(message));

it("a message of a known type is read as it is", () => {
  expect(read({ type: "level", dbov: -30 })).toEqual({ type: "level", dbov: -30 });
});

it("an event of an unknown type counts in the sequence and says nothing", () => {
  expect(read({ type: "floor.sung", seq: 7, at: "2021-10-12T01:00:00Z", song: "…" })).toEqual({
    type: "hidden",
    seq: 7,
    at: "2021-10-12T01:00:00Z",
  });
});

it("of several events at once each is read as if it had come alone", () => {
  const joined = event(6, "participant.admitted", { person: "tokyo-1" });
  const sung = { type: "floor.sung", seq: 7, at: "2021-10-12T01:00:00Z", song: "…" };
  expect(read({ type: "events", events: [joined, sung, { type: "song" }, 7] })).toEqual({
    type: "events",
    events: [joined, { type: "hidden", seq: 7, at: "2021-10-12T01:00:00Z" }],
  });
});

it("whatever else is not of the protocol is ignored", () => {
  expect([
    read({ type: "song" }),
    read({}),
    read([]),
    readServerMessage("null"),
    readServerMessage("7"),
    readServerMessage(new ArrayBuffer(1)),
  ]).toEqual([null, null, null, null, null, null]);
});

it("events are told from other messages, also from a welcome, which has a sequence number too", () => {
  const welcome: ServerMessage = {
    type: "welcome",
    session: "s1",
    seq: 3,
    now: "",
    token_expires: "",
    ice_servers: [],
    you: tokyo,
    room: room(),
  };
  expect([isRoomEvent(event(1, "hidden")), isRoomEvent(welcome)]).toEqual([true, false]);
});

it("a reply has a result or a problem", () => {
  const problem = { status: 409, title: "Absent", code: "absent" as const, detail: "tokyo-1 is not connected." };
  const reply: Reply = { type: "reply", command_id: "c1", problem };
  expect(problemOf(reply)).toEqual(problem);
  expect(problemOf({ type: "reply", command_id: "c1", result: { id: 3 } })).toBeNull();
});

it("an answer that is no problem document is a refusal without a sentence", () => {
  expect(Refused.of(null, 502).problem).toEqual({ status: 502 });
  expect(Refused.of({ detail: "Gone.", status: 1 }, 404).problem).toEqual({ detail: "Gone.", status: 404 });
});
