import { expect, it } from "vitest";
import { fill } from "../src/i18n";
import { factLine, isolated } from "../src/i18n/isolate";

it("a name that is written from right to left is isolated, and joiners are kept", () => {
  expect(isolated("القاهرة")).toBe("\u2068القاهرة\u2069");
  expect(isolated("می\u200cخواهم")).toBe("\u2068می\u200cخواهم\u2069");
  for (const plain of ["", "Tokyo", "臺北市", "👩\u200d🚒"]) expect(isolated(plain)).toBe(plain);
});

it("a name that ends the isolate around it stays within", () => {
  expect(isolated("a\u2069\u202eb")).toBe("\u2068a\u202eb\u2069");
  expect(isolated("\u2067x")).toBe("\u2068\u2067x\u2069\u2069");
});

it("a name in a sentence and a fact in a line reorder nothing around them", () => {
  expect(fill("{name} has the floor", { name: "\u202eoykoT" })).toBe("\u2068\u202eoykoT\u2069 has the floor");
  expect(fill("{name} has the floor", { name: "Tokyo" })).toBe("Tokyo has the floor");
  expect(factLine(["القاهرة", false, null, "Statement"])).toBe("\u2068القاهرة\u2069 · Statement");
});
