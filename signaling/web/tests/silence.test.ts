import { expect, test } from "vitest";
import { listen, MEDIA_SILENCE_MS } from "../src/model/silence";

test("a media path that brings nothing for a while is severed, and one that brings anything is not", () => {
  const first = listen(null, 100, 0);
  expect(first.isSevered).toBe(false);
  expect(listen(first.silence, 100, MEDIA_SILENCE_MS - 1).isSevered).toBe(false);
  expect(listen(first.silence, 100, MEDIA_SILENCE_MS).isSevered).toBe(true);
  const later = listen(first.silence, 160, MEDIA_SILENCE_MS);
  expect(later.isSevered).toBe(false);
  expect(listen(later.silence, 160, 2 * MEDIA_SILENCE_MS - 1).isSevered).toBe(false);
  expect(listen(later.silence, 160, 2 * MEDIA_SILENCE_MS).isSevered).toBe(true);
});
