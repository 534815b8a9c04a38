import { expect, it } from "vitest";
import { isUnfinished, metadataOf, remedyFor, unfinishedOf } from "../src/model/upload";
import type { MediaUpload } from "../src/wire/generated/http";

const file = { name: "市長.webm", size: 1_000, lastModified: 1_634_000_000_000 };

function upload(change: Partial<MediaUpload> = {}): MediaUpload {
  return {
    id: "k3TnWq8ZpL0aVx5c",
    name: "Mayor",
    bytes: file.size,
    received: 400,
    state: "receiving",
    metadata: metadataOf("Mayor", file),
    expires: "2021-10-13T01:00:00Z",
    ...change,
  };
}

it("goes on with the unfinished upload of the same file, whatever it is called now", () => {
  expect(unfinishedOf(file, [upload()])?.received).toBe(400);
  expect(unfinishedOf({ ...file, lastModified: 1 }, [upload()])).toBeNull();
  expect(unfinishedOf({ ...file, size: 2_000 }, [upload()])).toBeNull();
  expect(unfinishedOf({ ...file, name: "other.webm" }, [upload()])).toBeNull();
  expect(unfinishedOf(file, [upload({ state: "added" })])).toBeNull();
  expect(unfinishedOf(file, [upload({ metadata: "" })])).toBeNull();
});

it("writes metadata that any server of tus reads, in UTF-8", () => {
  const pairs = metadataOf("市長致詞", file).split(",");
  const name = pairs.find((pair) => pair.startsWith("name "))?.slice(5) ?? "";
  expect(new TextDecoder().decode(Uint8Array.from(atob(name), (c) => c.charCodeAt(0)))).toBe("市長致詞");
  expect(pairs.every((pair) => /^[a-z]+ [A-Za-z0-9+/=]+$/.test(pair))).toBe(true);
});

it("goes on after what passes, begins anew without an upload, and gives up what would be refused again", () => {
  expect([null, 409, 423, 429, 500, 503].map(remedyFor)).toEqual(Array(6).fill("go_on"));
  expect([404, 410].map(remedyFor)).toEqual(["begin_anew", "begin_anew"]);
  expect([400, 403, 413, 415, 507].map(remedyFor)).toEqual(Array(5).fill("give_up"));
});

it("counts what is received or checked as unfinished", () => {
  expect(
    (["receiving", "checking", "added", "refused"] as const).map((state) => isUnfinished(upload({ state }))),
  ).toEqual([true, true, false, false]);
});
