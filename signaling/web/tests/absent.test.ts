import { afterEach, beforeEach, expect, it } from "vitest";
import { absences } from "../src/model/order";
import { reduce } from "../src/model/reduce";
import type { Room, You } from "../src/model/types";
import { announceChange } from "../src/state/announce-change";
import { announcement } from "../src/state/notices";
import { event, MODERATOR, request, room, speech, tokyo } from "./examples";

const chair: You = { ...tokyo, person: "moderator-1", name: "Moderator", role: "moderator", may: MODERATOR };
const held = request("r1", { state: "granted", substate: "suspended" });
const away = speech("r1", { running: false, suspended_by: ["disconnected"], absent_since: "2021-10-12T01:00:00Z" });

function dropped(): Room {
  const r = room();
  return { ...r, floor: { ...r.floor, chair: "moderator-1", granted: [held], speech: away, speeches: [away] } };
}

beforeEach(() => (announcement.value = ""));
afterEach(() => (announcement.value = ""));

it("the chair alone is asked about an absent holder", () => {
  const before = dropped();
  const after = reduce(before, event(1, "floor.absent", { request: held, speech: { ...away, asked: true } }));
  expect(absences(after.floor).map((s) => s.request)).toEqual(["r1"]);
  announceChange(before, after, { ...chair, person: "moderator-2" });
  expect(announcement.value).toBe("");
  announceChange(before, after, chair);
  expect(announcement.value).toMatch(/Tokyo delegate is still disconnected/);
});

it("a wait removes the question until it is asked again", () => {
  const asked = reduce(dropped(), event(1, "floor.absent", { request: held, speech: { ...away, asked: true } }));
  const waiting = reduce(asked, event(2, "floor.waiting", { request: held, speech: { ...away, waits_until: "2021-10-12T01:01:00Z" }, by: "moderator-1" }));
  expect(absences(waiting.floor)).toEqual([]);
  expect(waiting.floor.speech?.waits_until).toBe("2021-10-12T01:01:00Z");
});
