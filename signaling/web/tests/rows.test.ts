import { expect, it } from "vitest";
import { displaces, drawNext, nowOf, rowsOf } from "../src/model/rows";
import { request, room } from "./examples";

const listed = (...ids: string[]) => ids.map((id, i) => request(id, { position: i + 1 }));
const rows = (...requests: ReturnType<typeof request>[]) => rowsOf({ ...room().floor, requests });

const roomOf = (...requests: ReturnType<typeof request>[]) => ({ ...room(), floor: { ...room().floor, requests } });
const ids = (requests: { id: string }[]) => requests.map(({ id }) => id);

it("held rows keep their places whatever the order is now, and are drawn anew when they are let go", () => {
  const before = { room: roomOf(...listed("r1", "r2")), at: 0, added: [] };
  const now = roomOf(...listed("r2", "r1"));
  expect(drawNext(before, now, 1, true)).toBe(before);
  expect(drawNext(before, now, 1, false)).toEqual({ room: now, at: 1, added: [] });
});

it("requests that come while rows are held are drawn below them, in the order of their coming", () => {
  const before = { room: roomOf(...listed("r1", "r2")), at: 0, added: [] };
  const first = drawNext(before, roomOf(...listed("r1", "r2"), request("r4", { state: "pending" })), 1, true);
  const second = drawNext(first, roomOf(...listed("r3", "r1", "r2"), request("r4", { state: "pending" })), 2, true);
  expect([second.room, ids(second.added)]).toEqual([before.room, ["r4", "r3"]]);
  expect(drawNext(second, roomOf(), 3, true)).toBe(second);
});

it("a row that is gone or moved displaces others, a row added below displaces none", () => {
  const before = rows(...listed("r1", "r2"));
  expect(displaces(before, rows(...listed("r2")))).toBe(true);
  expect(displaces(before, rows(...listed("r2", "r1")))).toBe(true);
  expect(displaces(before, rows(...listed("r1", "r2", "r3")))).toBe(false);
});

it("a new entry of a group displaces the groups below it", () => {
  const pending = request("r9", { state: "pending" });
  expect(displaces(rows(...listed("r1"), pending), rows(...listed("r1", "r2"), pending))).toBe(true);
  expect(displaces(rows(...listed("r1")), rows(...listed("r1"), pending))).toBe(false);
});

it("a held row says where its request stands now", () => {
  const drawn = request("r1", { state: "pending" });
  const floor = room().floor;
  expect(nowOf({ ...floor, requests: [drawn] }, drawn)).toEqual({ is: "here", position: null });
  expect(nowOf({ ...floor, requests: [request("r1", { position: 3 })] }, drawn)).toEqual({ is: "listed", position: 3 });
  expect(nowOf({ ...floor, requests: [request("r1", { position: 2 })] }, request("r1", { position: 1 }))).toEqual({
    is: "here",
    position: 2,
  });
  expect(
    nowOf({ ...floor, requests: [request("r1", { substate: "passed" })] }, request("r1", { position: 1 })),
  ).toEqual({ is: "passed" });
  expect(nowOf({ ...floor, granted: [request("r1", { state: "granted" })] }, drawn)).toEqual({ is: "granted" });
  expect(nowOf(floor, drawn)).toEqual({ is: "gone" });
});
