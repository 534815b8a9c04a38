import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** Storage as a browser has it, or `null` for one that blocks it: then merely naming it throws. */
async function storageWith(items: Map<string, string> | null) {
  const storage = items && {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => items.set(key, value),
    removeItem: (key: string) => items.delete(key),
  };
  for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get: () =>
        storage ??
        (() => {
          throw new DOMException("blocked", "SecurityError");
        })(),
    });
  }
  return import("../src/session/storage");
}

it("what is kept is found after a reload", async () => {
  const items = new Map<string, string>();
  (await storageWith(items)).keep("tab", "seat", "climate");
  vi.resetModules();
  const { kept, keep, outlivesReload } = await storageWith(items);
  expect(kept("tab", "seat")).toBe("climate");
  expect(outlivesReload()).toBe(true);
  keep("tab", "seat", null);
  expect([kept("tab", "seat"), items.size]).toEqual([null, 0]);
});

it("where the browser blocks storage, what is kept lives as long as the page", async () => {
  const { keep, kept, outlivesReload } = await storageWith(null);
  expect(kept("machine", "language")).toBeNull();
  keep("machine", "language", "zh-Hant-TW");
  keep("tab", "seat", "climate");
  keep("tab", "seat", null);
  expect([kept("machine", "language"), kept("tab", "seat"), outlivesReload()]).toEqual(["zh-Hant-TW", null, false]);
});
