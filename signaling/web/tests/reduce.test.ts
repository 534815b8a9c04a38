import { describe, expect, it } from "vitest";
import { isGap, reduce } from "../src/model/reduce";
import type { Room, RoomEvent } from "../src/model/types";
import { channel, decision, event, participant, request, room, settings, speech } from "./examples";

const fold = (...events: RoomEvent[]) => events.reduce(reduce, room());

describe("a room folds its events", () => {
  it("a request is listed, placed by an order, granted, and gone when it has ended", () => {
    const asked = fold(event(1, "floor.requested", { request: request("r1") }));
    expect(asked.floor.requests.map((r) => r.id)).toEqual(["r1"]);
    const placed = reduce(asked, event(2, "floor.order", { order: ["r1"] }));
    expect(placed.floor.requests[0]?.position).toBe(1);
    const granted = reduce(
      placed,
      event(3, "floor.granted", { request: request("r1", { state: "granted" }), speech: speech("r1") }),
    );
    expect(granted.floor.requests).toEqual([]);
    expect(granted.floor.granted.map((r) => r.id)).toEqual(["r1"]);
    expect(granted.floor.speech?.request).toBe("r1");
    const ended = reduce(
      granted,
      event(4, "floor.released", {
        request: request("r1", { state: "released" }),
        speech: speech("r1", { delegation: "tokyo", consumed_ms: 300_000, ended_at: "2021-10-12T01:05:00Z" }),
      }),
    );
    expect(ended.floor.granted).toEqual([]);
    expect(ended.floor.speech).toBeNull();
    expect(ended.floor.speeches).toEqual([]);
    expect(ended.floor.spoken).toEqual({ tokyo: { times: 1, consumed_ms: 300_000, unused_ms: 0 } });
  });

  it("an undone next gives the speech back with its time, and the called one the place", () => {
    const granted = { state: "granted", substate: "live" } as const;
    const ended = speech("r1", { delegation: "tokyo", consumed_ms: 12_000, ended_at: "2021-10-12T01:05:00Z" });
    const called = fold(
      event(1, "floor.granted", { request: request("r1", granted), speech: speech("r1") }),
      event(2, "floor.requested", { request: request("r2") }),
      event(3, "floor.requested", { request: request("r3") }),
      event(4, "floor.order", { order: ["r2", "r3"] }),
      event(5, "floor.revoked", { request: request("r1", { state: "revoked" }), speech: ended }),
      event(6, "floor.granted", { request: request("r2", granted), speech: speech("r2") }),
      event(7, "floor.order", { order: ["r3"] }),
      event(8, "floor.undoable", {
        id: 4,
        command: "floor.next",
        about: "r2",
        until: "2021-10-12T01:05:10Z",
        before: { order: ["r2", "r3"] },
        by: "moderator-1",
      }),
    );
    expect(called.floor).toHaveProperty("undoable", {
      id: 4,
      command: "floor.next",
      about: "r2",
      until: "2021-10-12T01:05:10Z",
      by: "moderator-1",
    });
    const none = { times: 0, consumed_ms: 0, unused_ms: 0 };
    const restored = {
      requests: [request("r1", granted), request("r2", { position: 1 })],
      speeches: [speech("r1", { consumed_ms: 12_000 })],
      order: ["r2", "r3"],
      pins: [{ request: "r3", pinned: 2, overrode: true }],
      spoken: [{ delegation: "tokyo", in_item: none, in_room: none }],
    };
    const undone = reduce(called, event(9, "floor.undone", { of: 4, command: "floor.next", restored }));
    expect(undone.floor).toHaveProperty("undoable", undefined);
    expect(undone.floor.granted.map((r) => r.id)).toEqual(["r1"]);
    expect(undone.floor.speech).toEqual(speech("r1", { consumed_ms: 12_000 }));
    expect(undone.floor.speeches.map((s) => s.request)).toEqual(["r1"]);
    expect(undone.floor.requests.map((r) => [r.id, r.position])).toEqual([
      ["r3", 2],
      ["r2", 1],
    ]);
    expect(undone.floor.requests[0]?.pinned).toBe(2);
    expect(undone.floor.spoken.tokyo).toEqual(none);
  });

  it("an undone play leaves neither the request that it made nor its speech", () => {
    const address = { kind: "address", state: "granted", substate: "live" } as const;
    const played = fold(
      event(1, "floor.requested", { request: request("r9", { kind: "address", state: "pending" }) }),
      event(2, "floor.granted", { request: request("r9", address), speech: speech("r9") }),
    );
    expect(played.floor.speech?.request).toBe("r9");
    const undone = reduce(
      played,
      event(3, "floor.undone", {
        of: 1,
        command: "recording.play",
        about: "r9",
        restored: { made: ["r9"], order: [] },
      }),
    );
    expect([undone.floor.requests, undone.floor.granted, undone.floor.speeches, undone.floor.speech]).toEqual([
      [],
      [],
      [],
      null,
    ]);
  });

  it("a message keeps its time, and a call for help is open until it is closed or the same person calls again", () => {
    const said = (seq: number, id: number, from: string) =>
      event(seq, "chat.posted", {
        id,
        from,
        to: "operators",
        text: "I hear nothing.",
        help: true,
        figures: { state: "connected", quality: "poor" },
      });
    const called = fold(said(1, 1, "tokyo-1"), said(2, 2, "seoul-1"), said(3, 3, "tokyo-1"));
    expect(called.chat.map(({ id, at }) => [id, at])).toEqual([1, 2, 3].map((id) => [id, said(id, id, "").at]));
    expect(called.help?.map(({ id }) => id)).toEqual([2, 3]);
    const closed = reduce(called, event(4, "help.closed", { message: 2, from: "seoul-1", by: "operator-1" }));
    expect(closed.help?.map(({ id }) => id)).toEqual([3]);
  });

  it("a postponed item stands before the first that is due later", () => {
    const item = (id: string, starts: string, due?: string) => ({
      id,
      title: id,
      kind: "debate" as const,
      starts,
      minutes: 20,
      speakers: [],
      state: "planned" as const,
      ...(due && { due }),
    });
    const [a, b, c] = [
      item("a", "2021-10-12T01:00:00Z"),
      item("b", "2021-10-12T01:20:00Z"),
      item("c", "2021-10-12T01:40:00Z"),
    ];
    const planned = { ...room(), agenda: { items: [a, b, c], current: null } };
    const ids = (r: Room) => r.agenda.items.map(({ id }) => id);
    const once = reduce(
      planned,
      event(1, "agenda.postponed", { item: { ...a, due: "2021-10-12T01:25:00Z" }, by_minutes: 25, by: "chair" }),
    );
    expect(ids(once)).toEqual(["b", "a", "c"]);
    const last = reduce(
      once,
      event(2, "agenda.postponed", { item: { ...b, due: "2021-10-12T02:00:00Z" }, by: "chair" }),
    );
    expect(ids(last)).toEqual(["a", "c", "b"]);
  });

  it("the last notice of the operators stands", () => {
    const notice = fold(event(1, "notice.posted", { text: "At 14:00.", by: "operator-1" })).notice;
    expect(notice).toMatchObject({ text: "At 14:00.", by: "operator-1" });
  });

  it("the room is recorded from the event that says so to the one that ends it", () => {
    const started = event(1, "record.started", { by: "moderator-1" });
    expect(fold(started).recording).toEqual({ since: started.at, by: "moderator-1" });
    expect(fold(event(1, "record.started", {})).recording).toEqual({ since: started.at });
    const stopped = fold(started, event(2, "record.stopped", { reason: "disk_full" }));
    expect(stopped).not.toHaveProperty("recording");
  });

  it("that the recording stopped by itself is known until the room is recorded again", () => {
    const stopped = event(2, "record.stopped", { reason: "disk_full" });
    const failed = fold(event(1, "record.started"), stopped);
    expect(failed.recording_failed).toEqual({ at: stopped.at, reason: "disk_full" });
    expect(reduce(failed, event(3, "record.started")).recording_failed).toBeNull();
    expect(fold(event(1, "record.stopped", { by: "moderator-1" })).recording_failed).toBeNull();
  });

  it("an order removes the positions of the requests that it leaves out", () => {
    const after = fold(
      event(1, "floor.requested", { request: request("r1", { position: 1 }) }),
      event(2, "floor.order", { order: [] }),
    );
    expect(after.floor.requests[0]?.position).toBeNull();
  });

  it("an order set by the chair pins every entry, and a pinned entry keeps its place", () => {
    const two = fold(
      event(1, "floor.requested", { request: request("r1") }),
      event(2, "floor.requested", { request: request("r2") }),
    );
    const set = reduce(two, event(3, "floor.order", { order: ["r2", "r1"], overrode: true }));
    expect(set.floor.requests.map((r) => [r.id, r.pinned, r.overrode])).toEqual([
      ["r1", 2, true],
      ["r2", 1, true],
    ]);
    const moved = reduce(set, event(4, "floor.order", { order: ["r1"] }));
    expect(moved.floor.requests.map((r) => r.position)).toEqual([1, null]);
    expect(moved.floor.requests[0]?.pinned).toBe(1);
  });

  it("a clock that was moved carries the open question over, and what the file says changes nothing that is shown", () => {
    const open = fold(event(1, "decision.opened", { decision: decision({ closes_at: "2021-10-12T01:01:00.000Z" }) }));
    const carried = decision({ closes_at: "2021-10-12T02:01:00.000Z" });
    const moved = reduce(
      open,
      event(2, "room.clock_moved", { was: "2021-10-12T01:00:00.000Z", cause: "set", decision: carried }),
    );
    expect(moved.decisions).toEqual([carried]);
    const stood = reduce(
      moved,
      event(3, "room.clock_moved", { was: "2021-10-12T01:00:00.000Z", cause: "stood_still" }),
    );
    expect({ ...stood, seq: 2 }).toEqual(moved);
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
    const away = reduce(
      joined,
      event(2, "participant.updated", { participant: participant("delhi-1", "Delhi delegate", { state: "away" }) }),
    );
    expect(away.participants[2]).toMatchObject({ name: "Delhi delegate", state: "away" });
    expect(reduce(away, event(3, "participant.left", { person: "delhi-1", reason: "left" })).participants).toHaveLength(
      2,
    );
  });

  it("a participant who left is known with the time until when the connection was there, and forgotten on the return", () => {
    const away = fold(
      event(1, "participant.updated", {
        participant: participant("seoul-1", "Seoul delegate", { state: "away", since: "2021-10-12T00:59:00Z" }),
      }),
    );
    const gone = reduce(
      reduce(away, event(2, "participant.left", { person: "seoul-1", reason: "lost" })),
      event(3, "participant.left", { person: "tokyo-1", reason: "left" }),
    );
    expect(gone.left).toEqual([
      { person: "seoul-1", at: "2021-10-12T00:59:00Z" },
      { person: "tokyo-1", at: "2021-10-12T01:00:00Z" },
    ]);
    expect(
      reduce(gone, event(4, "participant.joined", { participant: participant("seoul-1", "Seoul delegate") })).left,
    ).toEqual([{ person: "tokyo-1", at: "2021-10-12T01:00:00Z" }]);
  });

  it("new rules replace the old ones", () => {
    const { floor } = fold(
      event(1, "floor.settings", { settings: { ...settings(), mode: "queue", nom: 2, yielding: true } }),
    );
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
    const out = fold(
      event(1, "participant.left", { person: "tokyo-1", reason: "removed" }),
      event(2, "participant.left", { person: "seoul-1", reason: "left" }),
    );
    expect(out.removed).toEqual([{ person: "tokyo-1", name: "Tokyo delegate" }]);
    expect(reduce(out, event(3, "participant.admitted", { person: "tokyo-1" })).removed).toEqual([]);
  });

  it("the agenda's items follow their events", () => {
    const item = {
      id: "climate-1",
      title: "Delhi",
      kind: "presentations" as const,
      starts: "2021-10-12T02:00:00Z",
      minutes: 20,
      speakers: [],
      state: "planned" as const,
    };
    const before: Room = { ...room(), agenda: { items: [item], current: null } };
    const after = reduce(
      before,
      event(1, "agenda.started", { item: { ...item, state: "on", began: "2021-10-12T02:01:00Z" }, by: "moderator-1" }),
    );
    expect(after.agenda.items[0]).toMatchObject({ title: "Delhi", state: "on", began: "2021-10-12T02:01:00Z" });
  });

  it("an event replaces its channel and leaves the others", () => {
    const before = { ...room(), channels: [channel("en"), channel("ja")] };
    const after = reduce(
      before,
      event(1, "channel.changed", { channel: channel("ja", { state: "interpreted", interpreter: "kenji" }) }),
    );
    expect(after.channels).toEqual([channel("en"), channel("ja", { state: "interpreted", interpreter: "kenji" })]);
  });

  it("a channel that was released has no interpreter any more", () => {
    const before = {
      ...room(),
      channels: [
        channel("ja", { state: "interrupted", interpreter: "kenji", lost: "yuki", since: "2021-10-12T02:00:00Z" }),
      ],
    };
    const after = reduce(before, event(1, "channel.changed", { channel: channel("ja") }));
    expect(after.channels).toEqual([channel("ja")]);
  });

  it("an item that is started again has not ended", () => {
    const item = {
      id: "climate-1",
      title: "Delhi",
      kind: "debate" as const,
      starts: "2021-10-12T02:00:00Z",
      minutes: 20,
      speakers: [],
    };
    const before: Room = {
      ...room(),
      agenda: {
        items: [{ ...item, state: "done", began: "2021-10-12T02:01:00Z", ended: "2021-10-12T02:02:00Z" }],
        current: null,
      },
    };
    const again = { ...item, state: "on" as const, began: "2021-10-12T02:03:00Z" };
    expect(reduce(before, event(1, "agenda.started", { item: again, by: "moderator-1" })).agenda.items).toEqual([
      again,
    ]);
  });

  it("a new item starts the count of what was spoken anew, and a roll call opens and closes", () => {
    const spoken = {
      ...room(),
      floor: { ...room().floor, spoken: { tokyo: { times: 2, consumed_ms: 9, unused_ms: 0 } } },
    };
    expect(reduce(spoken, event(1, "floor.item", { agreed: [] })).floor.spoken).toEqual({});
    expect(fold(event(1, "floor.roll_call", { open: true })).floor.roll_call).toBe(true);
  });

  it("a speaker who was passed in mid-speech has used time and not yet spoken", () => {
    const passed = fold(
      event(1, "floor.passed", {
        request: request("r1", { substate: "passed" }),
        speech: speech("r1", {
          delegation: "tokyo",
          consumed_ms: 60_000,
          ended_at: "2021-10-12T01:01:00Z",
          how: "passed",
        }),
      }),
    );
    expect(passed.floor.spoken).toEqual({ tokyo: { times: 0, consumed_ms: 60_000, unused_ms: 0 } });
  });
});
