import { expect, it } from "vitest";
import { browserName } from "../src/model/browser";
import { audienceOf, messagesOf, ownHelp, unread } from "../src/model/messages";
import type { ChatLine } from "../src/model/types";
import { room } from "./examples";

const line = (id: number, from: string, change: Partial<ChatLine> = {}): ChatLine => ({
  id,
  from,
  to: "room",
  text: `Message ${id}`,
  at: "2021-10-12T01:00:00Z",
  ...change,
});
const ids = (lines: ChatLine[]) => lines.map(({ id }) => id);

it("the messages among interpreters are not in the panel, and an audience is named as far as it is known", () => {
  const lines = [
    line(1, "seoul-1"),
    line(2, "kenji", { to: "booth:ja" }),
    line(3, "seoul-1", { to: "moderators" }),
    line(4, "seoul-1", { to: "press" }),
  ];
  expect(ids(messagesOf({ ...room(), chat: lines }))).toEqual([1, 3, 4]);
  expect(lines.map(audienceOf)).toEqual(["room", null, "moderators", null]);
});

it("what others wrote since is unread, and the own messages never are", () => {
  const lines = [line(1, "seoul-1"), line(2, "tokyo-1"), line(5, "seoul-1"), line(6, "tokyo-1")];
  expect(ids(unread(lines, "tokyo-1", 0))).toEqual([1, 5]);
  expect(ids(unread(lines, "tokyo-1", 2))).toEqual([5]);
  expect(ids(unread(lines, "tokyo-1", 6))).toEqual([]);
  expect(unread([], "tokyo-1", 6)).toEqual([]);
});

it("a number that was kept of an earlier record of the room hides nothing", () => {
  expect(ids(unread([line(1, "seoul-1"), line(2, "seoul-1")], "tokyo-1", 40))).toEqual([1, 2]);
});

it("the own call for help is the own one, also for an operator who sees all", () => {
  const r = {
    ...room(),
    help: [line(3, "seoul-1", { to: "operators", help: true }), line(4, "tokyo-1", { to: "operators", help: true })],
  };
  expect([ownHelp(r, "tokyo-1")?.id, ownHelp(r, "operator-1"), ownHelp(room(), "tokyo-1")]).toEqual([
    4,
    undefined,
    undefined,
  ]);
});

it("a browser is named with its version and its system", () => {
  const chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36";
  expect(browserName(`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome}`)).toBe("Chrome 139, Windows");
  expect(browserName(`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Edg/139.0.0.0`)).toBe("Edge 139, Windows");
  expect(browserName("Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0")).toBe(
    "Firefox 142, Linux",
  );
  expect(
    browserName(
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    ),
  ).toBe("Safari 18, macOS");
  expect(
    browserName(
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    ),
  ).toBe("Safari 18, iOS");
  expect(browserName(`Mozilla/5.0 (Linux; Android 15) ${chrome.replace("Safari", "Mobile Safari")}`)).toBe(
    "Chrome 139, Android",
  );
  expect(browserName("curl/8")).toBe("");
});
