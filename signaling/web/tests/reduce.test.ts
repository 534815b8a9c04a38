import { describe, expect, it } from "vitest";
import { isGap, reduce } from "../src/model/reduce";
import type { Room, RoomEvent } from "../src/model/types";
import { channel, event, participant, request, room, settings, speech } from "./examples";

const fold = (...events: RoomEvent[]) => events.reduce(reduce, room());

describe("a room folds its events", () => {
  it("a request is listed, placed by an order, granted, and gone when it has ended", () => {
    const asked = fold(event(1, "floor.requested", { request: request("r1") }));
    expect(asked.floor.requests.map((r) => r.id)).toEqual(["r1"]);
    const placed = reduce(asked, event(2, "floor.order", { order: ["r1"] }));
    expect(placed.floor.requests[0]?.position).toBe(1);
    const granted = reduce(placed, event(3, "floor.granted", { request: request("r1", { state: "granted" }), speech: speech("r1") }));
    expect(granted.floor.requests).toEqual([]);
    expect(granted.floor.granted.map((r) => r.id)).toEqual(["r1"]);
    expect(granted.floor.speech?.request).toBe("r1");
    const ended = reduce(granted, event(4, "floor.released", { request: request("r1", { state: "released" }), speech: speech("r1", { delegation: "tokyo", consumed_ms: 300_000, ended_at: "2021-10-12T01:05:00Z" }) }));
    expect(ended.floor.granted).toEqual([]);
    expect(ended.floor.speech).toBeNull();
    expect(ended.floor.speeches).toEqual([]);
    expect(ended.floor.spoken).toEqual({ tokyo: { times: 1, consumed_ms: 300_000, unused_ms: 0 } });
  });

  it("an order removes the positions of the requests that it leaves out", () => {
    const after = fold(event(1, "floor.requested", { request: request("r1", { position: 1 }) }), event(2, "floor.order", { order: [] }));
    expect(after.floor.requests[0]?.position).toBeNull();
  });

  it("an order set by the chair pins every entry, and a pinned entry keeps its place", () => {
    const two = fold(event(1, "floor.requested", { request: request("r1") }), event(2, "floor.requested", { request: request("r2") }));
    const set = reduce(two, event(3, "floor.order", { order: ["r2", "r1"], overrode: true }));
    expect(set.floor.requests.map((r) => [r.id, r.pinned, r.overrode])).toEqual([["r1", 2, true], ["r2", 1, true]]);
    const moved = reduce(set, event(4, "floor.order", { order: ["r1"] }));
    expect(moved.floor.requests.map((r) => r.position)).toEqual([1, null]);
    expect(moved.floor.requests[0]?.pinned).toBe(1);
  });

  it("an event folded twice changes nothing, and a missing event is noticed", () => {
    const once = fold(event(1, "participant.left", { person: "tokyo-1", reason: "left" }));
    expect(reduce(once, event(1, "participant.left", { person: "seoul-1", reason: "left" }))).toBe(once);
    expect(isGap(once, event(3, "hidden"))).toBe(true);
    expect(isGap(once, event(2, "hidden"))).toBe(false);
  });

  it("a hidden event advances the sequence and nothing else", () => {
    expect(fold(event(1, "hidden"))).toEqual({ ...room(), seq: 1 });
  });

  it("participants join, lose their connection and leave", () => {
    const joined = fold(event(1, "participant.joined", { participant: participant("delhi-1", "Delhi delegate") }));
    expect(joined.participants).toHaveLength(3);
    const away = reduce(joined, event(2, "participant.updated", { participant: participant("delhi-1", "Delhi delegate", { state: "away" }) }));
    expect(away.participants[2]).toMatchObject({ name: "Delhi delegate", state: "away" });
    expect(reduce(away, event(3, "participant.left", { person: "delhi-1", reason: "left" })).participants).toHaveLength(2);
  });

  it("new rules replace the old ones", () => {
    const { floor } = fold(event(1, "floor.settings", { settings: { ...settings(), mode: "queue", nom: 2, yielding: true } }));
    expect(floor).toMatchObject({ mode: "queue", nom: 2, policy: "fifo", settings: { yielding: true } });
  });

  it("the list, the chair and its priority follow their events", () => {
    const { floor } = fold(
      event(1, "list.closed", { list: { state: "closed" } }),
      event(2, "chair.changed", { chair: "moderator-1" }),
      event(3, "chair.priority", { on: true }),
    );
    expect(floor).toMatchObject({ list: { state: "closed" }, chair: "moderator-1", chair_priority: true });
  });

  it("a removed participant is listed until admitted again, and one who left is not", () => {
    const out = fold(event(1, "participant.left", { person: "tokyo-1", reason: "removed" }), event(2, "participant.left", { person: "seoul-1", reason: "left" }));
    expect(out.removed).toEqual([{ person: "tokyo-1", name: "Tokyo delegate" }]);
    expect(reduce(out, event(3, "participant.admitted", { person: "tokyo-1" })).removed).toEqual([]);
  });

  it("the agenda's items follow their events", () => {
    const item = { id: "climate-1", title: "Delhi", kind: "presentations" as const, starts: "2021-10-12T02:00:00Z", minutes: 20, speakers: [], state: "planned" as const };
    const before: Room = { ...room(), agenda: { items: [item], current: null } };
    const after = reduce(before, event(1, "agenda.started", { item: { ...item, state: "on", began: "2021-10-12T02:01:00Z" }, by: "moderator-1" }));
    expect(after.agenda.items[0]).toMatchObject({ title: "Delhi", state: "on", began: "2021-10-12T02:01:00Z" });
  });

  it("an event replaces its channel and leaves the others", () => {
    const before = { ...room(), channels: [channel("en"), channel("ja")] };
    const after = reduce(before, event(1, "channel.changed", { channel: channel("ja", { state: "interpreted", interpreter: "kenji" }) }));
    expect(after.channels).toEqual([channel("en"), channel("ja", { state: "interpreted", interpreter: "kenji" })]);
  });

  it("a new item starts the count of what was spoken anew, and a roll call opens and closes", () => {
    const spoken = { ...room(), floor: { ...room().floor, spoken: { tokyo: { times: 2, consumed_ms: 9, unused_ms: 0 } } } };
    expect(reduce(spoken, event(1, "floor.item", { agreed: [] })).floor.spoken).toEqual({});
    expect(fold(event(1, "floor.roll_call", { open: true })).floor.roll_call).toBe(true);
  });

  it("a speaker who was passed in mid-speech has used time and not yet spoken", () => {
    const passed = fold(event(1, "floor.passed", { request: request("r1", { substate: "passed" }), speech: speech("r1", { delegation: "tokyo", consumed_ms: 60_000, ended_at: "2021-10-12T01:01:00Z", how: "passed" }) }));
    expect(passed.floor.spoken).toEqual({ tokyo: { times: 0, consumed_ms: 60_000, unused_ms: 0 } });
  });
});
