import { afterEach, expect, it, vi } from "vitest";
import { secretIn } from "../src/session/invitation";
import { apiUrl, socketUrl } from "../src/wire/address";
import { isUnauthorized, Refused, refusesInvitation } from "../src/wire/refused";

afterEach(() => vi.unstubAllGlobals());

it("the secret of a link is in its fragment, and no other fragment has one", () => {
  expect(["#i=abc.def", "#x=1&i=abc.def", "", "#", "#i=", "#main-action"].map(secretIn)).toEqual([
    "abc.def",
    "abc.def",
    null,
    null,
    null,
    null,
  ]);
});

it("the API is found beside the page, below whatever path a proxy serves both", () => {
  const at = (baseURI: string) => {
    vi.stubGlobal("document", { baseURI });
    return [apiUrl("/rooms/climate/floor").href, socketUrl().href];
  };
  expect(at("http://127.0.0.1:8080/#i=x")).toEqual([
    "http://127.0.0.1:8080/api/v1/rooms/climate/floor",
    "ws://127.0.0.1:8080/api/v1/ws",
  ]);
  expect(at("https://host.example/plenary/?debug")).toEqual([
    "https://host.example/plenary/api/v1/rooms/climate/floor",
    "wss://host.example/plenary/api/v1/ws",
  ]);
});

it("no address in the page begins at the root of the host", () => {
  const sources = import.meta.glob<string>(["../src/**/*.{ts,tsx,css}", "../index.html"], {
    query: "?raw",
    import: "default",
    eager: true,
  });
  // Vite's own entry in index.html is rewritten by the build.
  const rooted = Object.entries(sources)
    .filter(([, text]) => /(?:src|href)="\/(?!src\/)|fetch\([`"']\/|url\(["']?\//.test(text))
    .map(([path]) => path);
  expect(rooted).toEqual([]);
});

it("only the server's own refusal of the invitation is final, not a proxy's, nor a fault", () => {
  const refused = (status: number, code?: string) => Refused.of(code ? { code } : null, status);
  expect(
    [refused(401, "unauthorized"), refused(400, "invalid"), refused(413, "too_large")].map(refusesInvitation),
  ).toEqual([true, true, true]);
  const passing = [
    refused(401),
    refused(403),
    refused(404, "not_found"),
    refused(407),
    refused(429, "rate_limited"),
    refused(500, "conflict"),
    refused(503, "unavailable"),
    new TypeError("Failed to fetch"),
  ];
  expect(passing.map(refusesInvitation)).toEqual(passing.map(() => false));
  expect([refused(401, "unauthorized"), refused(401)].map(isUnauthorized)).toEqual([true, false]);
});
