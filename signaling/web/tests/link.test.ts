import { expect, it } from "vitest";
import links from "../../../crates/conference/tests/links.json";
import { findSecret } from "../src/session/link";

it.each(links.fragments)("the secret is found in %j", (fragment) => {
  expect(findSecret(fragment)).toBe(links.secret);
});

it.each(["", "i=", "i=nobody", "section-2", "i=%E0%A4%A"])("there is no secret in %j", (fragment) => {
  expect(findSecret(fragment)).toBeNull();
});
