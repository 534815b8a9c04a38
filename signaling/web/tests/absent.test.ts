import { expect, it } from "vitest";
import { absences } from "../src/model/order";
import { reduce } from "../src/model/reduce";
import type { Room } from "../src/model/types";
import { event, request, room, speech } from "./examples";

const held = request("r1", { state: "granted", substate: "suspended" });
const away = speech("r1", { running: false, suspended_by: ["disconnected"], absent_since: "2021-10-12T01:00:00Z" });

function dropped(): Room {
  const r = room();
  return { ...r, floor: { ...r.floor, chair: "moderator-1", granted: [held], speech: away, speeches: [away] } };
}

it("a holder who stays absent is a question", () => {
  const after = reduce(dropped(), event(1, "floor.absent", { request: held, speech: { ...away, asked: true } }));
  expect(absences(after.floor).map((s) => s.request)).toEqual(["r1"]);
});

it("a wait removes the question until it is asked again", () => {
  const asked = reduce(dropped(), event(1, "floor.absent", { request: held, speech: { ...away, asked: true } }));
  const waiting = reduce(
    asked,
    event(2, "floor.waiting", {
      request: held,
      speech: { ...away, waits_until: "2021-10-12T01:01:00Z" },
      by: "moderator-1",
    }),
  );
  expect(absences(waiting.floor)).toEqual([]);
  expect(waiting.floor.speech?.waits_until).toBe("2021-10-12T01:01:00Z");
});
