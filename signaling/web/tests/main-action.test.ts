import { expect, it } from "vitest";
import { aboutMinutes, waitFor } from "../src/model/estimate";
import { isOnDeck, mainAction, mayReply } from "../src/model/main-action";
import { nextUp, reordered } from "../src/model/order";
import { request, room, speech, tokyo } from "./examples";

const floor = (change: object) => ({ ...room().floor, ...change });

it("the main button says the one thing that can be done now", () => {
  expect(mainAction(floor({}), tokyo, true).does).toBe("ask");
  expect(mainAction(floor({ requests: [request("r1", { position: 3 })] }), tokyo, true)).toMatchObject({ does: "withdraw", position: 3 });
  expect(mainAction(floor({ granted: [request("r1", { state: "granted" })] }), tokyo, true).does).toBe("end");
  expect(mainAction(floor({ granted: [request("r1", { state: "granted", substate: "suspended" })] }), tokyo, true).does).toBe("suspended");
  expect(mainAction(floor({ requests: [request("r1", { substate: "passed" })] }), tokyo, true).does).toBe("passed");
});

it("where nothing can be done it says why", () => {
  expect(mainAction(floor({ list: { state: "closed" } }), tokyo, true)).toMatchObject({ why: "list_closed" });
  expect(mainAction(floor({ mode: "direct" }), tokyo, true)).toMatchObject({ why: "direct" });
  expect(mainAction(floor({}), tokyo, false)).toMatchObject({ why: "away" });
  expect(mainAction(floor({}), { ...tokyo, role: "viewer" }, true)).toMatchObject({ why: "viewer" });
});

it("the second device offers to take over, and a point of order is no withdrawal", () => {
  expect(mainAction(floor({}), { ...tokyo, publishing: false }, true).does).toBe("use_device");
  expect(mainAction(floor({ requests: [request("r1", { kind: "point_of_order" })] }), tokyo, true).does).toBe("ask");
});

it("a right of reply may be asked while the list is closed", () => {
  expect(mayReply(floor({}), tokyo)).toBe(false);
  expect(mayReply(floor({ list: { state: "closed" } }), tokyo)).toBe(true);
});

it("the head of the list is on deck", () => {
  expect(isOnDeck(floor({ requests: [request("r1", { position: 1 })] }), tokyo)).toBe(true);
  expect(isOnDeck(floor({ requests: [request("r1", { position: 2 }), request("r2", { position: 1, beneficiary: "seoul-1" })] }), tokyo)).toBe(false);
});

it("next names the first present one, and one who only waits when nobody is listed", () => {
  const both = floor({ requests: [request("r1", { position: 1, beneficiary: "delhi-1" }), request("r2", { position: 2 })] });
  expect(nextUp(both, (p) => p === "tokyo-1")?.id).toBe("r2");
  expect(nextUp(floor({ requests: [request("r3", { state: "pending" })] }), () => true)?.id).toBe("r3");
  expect(nextUp(floor({}), () => true)).toBeNull();
});

it("an entry is moved to another's place, and not beyond the ends", () => {
  expect(reordered(["a", "b", "c"], "c", 0)).toEqual(["c", "a", "b"]);
  expect(reordered(["a", "b", "c"], "a", 9)).toEqual(["b", "c", "a"]);
});

it("the wait is what is left of the speech and a limit for each before", () => {
  const waits = floor({ settings: { limit_ms: 480_000 }, speech: speech("r0"), requests: [request("r1", { position: 1 }), request("r2", { position: 2 })] });
  expect(aboutMinutes(waitFor(waits, 2, 360_000))).toBe(14);
});
