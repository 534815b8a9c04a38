import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { freshToken, authorized, checkLink, openSeat, person, screen, token } from "../src/state/session";
import { serverNow } from "../src/state/server-clock";
import { wake } from "../src/state/wake";
import { Refused } from "../src/wire/refused";

const MINUTE = 60_000;
const SERVER_TIME = "2021-10-12T01:00:00.000Z";

/** The server as the page sees it: what it answers, and what it was asked. */
let server: {
  answer(path: string, body: { invitation?: string }): { status: number; body: unknown } | "unreachable";
  asked: string[];
};
let tokens = 0;

function redeemed(name: string) {
  tokens += 1;
  return {
    status: 200,
    body: {
      token: `${name}-${tokens}`,
      expires: "2021-10-12T01:15:00Z",
      expires_in_ms: 15 * MINUTE,
      now: SERVER_TIME,
      person: { id: name, person: name, name, role: "delegate", delegation: null, rooms: [], languages: [] },
      may: [],
    },
  };
}

const conference = { status: 200, body: { name: "Conference", rooms: [], people: [], delegations: [], agenda: [] } };
const refusal = {
  status: 401,
  body: { status: 401, code: "unauthorized", title: "No valid invitation", detail: "It was revoked." },
};
const redemptions = () => server.asked.filter((path) => path === "/invitations/redeem").length;
const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2031-01-01T00:00:00Z") });
  vi.stubGlobal("document", { baseURI: "https://host.example/plenary/" });
  server = {
    asked: [],
    answer: (path, { invitation }) => (path === "/conference" ? conference : redeemed(invitation ?? "renewed")),
  };
  vi.stubGlobal("fetch", async (url: URL, { body }: { body?: string }) => {
    const path = url.pathname.replace("/plenary/api/v1", "");
    server.asked.push(path);
    const answer = server.answer(path, JSON.parse(body ?? "{}"));
    if (answer === "unreachable") throw new TypeError("Failed to fetch");
    return new Response(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body), {
      status: answer.status,
    });
  });
});

afterEach(async () => {
  // Whatever still waits for its turn belongs to this test's link, and ends with it.
  void openSeat("no more");
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("a device whose clock is ten years ahead renews its token in time, and shows the server's time", async () => {
  expect(await openSeat("tokyo")).toBe(true);
  expect(Math.abs(serverNow() - Date.parse(SERVER_TIME))).toBeLessThan(1_000);
  await vi.advanceTimersByTimeAsync(9 * MINUTE);
  expect(server.asked).not.toContain("/token/renew");
  await vi.advanceTimersByTimeAsync(2 * MINUTE);
  expect(server.asked).toContain("/token/renew");
});

it("a server that cannot be reached is tried until it can, and at once when the page wakes", async () => {
  const whole = server.answer;
  server.answer = () => "unreachable";
  const opened = openSeat("tokyo");
  await vi.advanceTimersByTimeAsync(5 * MINUTE);
  expect(screen.value).toBe("unreachable");
  expect(redemptions()).toBeGreaterThan(10);
  server.answer = whole;
  wake();
  await settled();
  expect(await opened).toBe(true);
  expect(person.value?.person).toBe("tokyo");
});

it("a proxy's refusal, a busy server and a server that restarts are passing; the invitation's refusal is final", async () => {
  for (const [status, body] of [
    [401, null],
    [429, { code: "rate_limited" }],
    [503, { code: "unavailable" }],
    [200, "<h1>Sign in to the network of the hotel</h1>"],
  ] as const) {
    const before = server.answer;
    server.answer = () => ({ status, body });
    const opened = openSeat(`tokyo ${status}`);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(screen.value).toBe("unreachable");
    server.answer = before;
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(await opened).toBe(true);
  }
  server.answer = () => refusal;
  expect(await openSeat("revoked")).toBe(false);
  expect(screen.value).toBe("bad_link");
  const asked = redemptions();
  wake();
  await vi.advanceTimersByTimeAsync(60 * MINUTE);
  expect(redemptions()).toBe(asked);
});

it("another link ends what the first one had begun, whichever is answered first", async () => {
  const answers: (() => void)[] = [];
  const plain = fetch;
  vi.stubGlobal(
    "fetch",
    (url: URL, init: RequestInit) =>
      new Promise((done, fail) => answers.push(() => void plain(url, init).then(done, fail))),
  );
  const first = openSeat("tokyo");
  const second = openSeat("seoul");
  // The second link's answers come first, then the first one's.
  while (answers.length > 0) {
    answers.pop()?.();
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(await Promise.all([first, second])).toEqual([false, true]);
  expect(person.value?.person).toBe("seoul");
});

it("a call that is refused for its token is repeated once with a fresh one", async () => {
  await openSeat("tokyo");
  const old = token.value;
  const call = vi.fn(async (used: string) => {
    if (used === old) throw Refused.of({ code: "unauthorized" }, 401);
    return used;
  });
  const [one, other] = await Promise.all([authorized(call), authorized(call)]);
  expect([one, other]).toEqual([token.value, token.value]);
  expect(redemptions()).toBe(2);
  const always = vi.fn(async () => {
    throw Refused.of({ code: "unauthorized" }, 401);
  });
  await expect(authorized(always)).rejects.toThrow();
  expect(always).toHaveBeenCalledTimes(2);
});

it("a check link opens no seat, and is redeemed again instead of renewed", async () => {
  const check = { conference: "Conference", valid_until: "2021-10-14T16:00:00.000Z" };
  server.answer = () => {
    const { status, body } = redeemed("check");
    return { status, body: { ...body, person: undefined, check } };
  };
  expect(await openSeat("check")).toBe(true);
  expect([checkLink.value, person.value]).toEqual([check, null]);
  await vi.advanceTimersByTimeAsync(11 * MINUTE);
  expect(server.asked).toEqual(["/invitations/redeem", "/invitations/redeem"]);
  screen.value = "check";
  server.answer = () => refusal;
  await expect(freshToken()).rejects.toThrow();
  expect(screen.value).toBe("unauthorized");
  server.answer = (path, { invitation }) => (path === "/conference" ? conference : redeemed(invitation ?? "renewed"));
  await openSeat("tokyo");
  expect(checkLink.value).toBe(null);
});

it("a seat page whose invitation is revoked says so, and a page in a room leaves that to its connection", async () => {
  await openSeat("tokyo");
  screen.value = "room";
  server.answer = () => refusal;
  await expect(freshToken()).rejects.toThrow();
  expect(screen.value).toBe("room");
  server.answer = (path, { invitation }) => (path === "/conference" ? conference : redeemed(invitation ?? "renewed"));
  await openSeat("seoul");
  screen.value = "seat";
  server.answer = () => refusal;
  await expect(freshToken()).rejects.toThrow();
  expect(screen.value).toBe("unauthorized");
});
