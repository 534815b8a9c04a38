// `make lint`: formatting, lints, types, licences and documentation, each a test of `make test`.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { faultsOf, isAllowed, rulesOf, unusedOf } from "./dependencies.mjs";
import { countDocLines } from "./doc-lines.mjs";
import { missingIn, numbersOf, readRepository, sectionsIn, unlistedIn } from "./references.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const cargo = process.env.CARGO ?? "cargo";
const MAX_SHORT_DOC_LINES_PERCENT = 5;

/** Runs a program and returns its standard output; fails with everything that it printed. */
async function run(program, ...words) {
  const options = {
    cwd: root,
    maxBuffer: 256 << 20,
    env: { ...process.env, NO_COLOR: "1", CARGO_TERM_COLOR: "never" },
  };
  try {
    return (await promisify(execFile)(program, words, options)).stdout;
  } catch ({ stdout, stderr }) {
    assert.fail(`${program} ${words.join(" ")}\n${stdout}${stderr}`);
  }
}

/** What is built for the platforms of deny.toml; Cargo.lock also has what other platforms would need. */
async function metadata() {
  const { targets } = rulesOf(await readFile(join(root, "deny.toml"), "utf8"));
  const platforms = targets.flatMap((target) => ["--filter-platform", target]);
  return JSON.parse(await run(cargo, "metadata", "--locked", "--format-version", "1", ...platforms));
}

test("rustfmt finds nothing to change", async () => {
  await run(cargo, "fmt", "--all", "--check");
});

test("prettier finds nothing to change in the page and the tests", async () => {
  await run("npm", "--prefix", "signaling/web", "run", "format:check");
});

test("clippy has no warnings for any target", async () => {
  const benches = ["--features", "plenary-media/benching"];
  await run(cargo, "clippy", "--locked", "--workspace", "--all-targets", ...benches, "--", "-D", "warnings");
});

test("the page's TypeScript has no type errors", async () => {
  await run("npm", "--prefix", "signaling/web", "run", "check");
});

test("every dependency has an allowed licence and source", async () => {
  const rules = rulesOf(await readFile(join(root, "deny.toml"), "utf8"));
  assert.ok(rules.licences.includes("Apache-2.0") && rules.registries.length > 0 && rules.banned.length > 0);
  assert.deepEqual(faultsOf(await metadata(), rules), []);
});

test("the page's dependencies have an allowed licence", async () => {
  const { licences } = rulesOf(await readFile(join(root, "deny.toml"), "utf8"));
  const { packages } = JSON.parse(await readFile(join(root, "signaling/web/package-lock.json"), "utf8"));
  const shipped = Object.entries(packages).filter(([path, { dev }]) => path !== "" && !dev);
  assert.deepEqual(
    shipped.filter(([, { license }]) => !isAllowed(license ?? "", licences)),
    [],
  );
});

test("a licence expression is allowed if one of its choices is", () => {
  const allowed = ["MIT", "Apache-2.0", "Unicode-3.0"];
  for (const expression of [
    "MIT",
    "MIT/GPL-3.0",
    "(MIT OR GPL-3.0) AND Unicode-3.0",
    "GPL-3.0 OR Apache-2.0 WITH LLVM-exception",
  ]) {
    assert.ok(isAllowed(expression, allowed), expression);
  }
  for (const expression of ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR GPL-3.0) AND ISC", "MIT)"]) {
    assert.ok(!isAllowed(expression, allowed), expression);
  }
});

test("every dependency is used", async () => {
  assert.deepEqual(await unusedOf(await metadata()), []);
});

test("examples and empty lines are not counted as documentation", () => {
  const source =
    "/// Adds two numbers, modulo 2^16.\n///\n/// ```\n/// add(1, 2);\n/// ```\n/// The sum.\npub fn add() {} // not documentation";
  assert.deepEqual(countDocLines(source), { all: 2, short: 1 });
});

test(`at most ${MAX_SHORT_DOC_LINES_PERCENT} % of the documentation lines have four words or fewer`, async () => {
  const files = (await run("git", "ls-files", "*.rs")).trim().split("\n");
  const counts = await Promise.all(
    files.map(async (file) => ({ file, ...countDocLines(await readFile(join(root, file), "utf8")) })),
  );
  const sum = (key) => counts.reduce((total, count) => total + count[key], 0);
  const percent = (100 * sum("short")) / sum("all");
  const worst = counts
    .toSorted((a, b) => b.short - a.short)
    .slice(0, 10)
    .map(({ file, short }) => `${file}: ${short}`);
  assert.ok(
    percent <= MAX_SHORT_DOC_LINES_PERCENT,
    `${percent.toFixed(1)} % of ${sum("all")} lines\n${worst.join("\n")}`,
  );
});

test("a link, a path and a Rust name that do not exist are found, and a placeholder stands for any name", () => {
  const repository = {
    files: ["docs/a.md", "docs/b.md", "crates/floor/src/decide.rs", "crates/floor/src/pins.rs"],
    pages: { "docs/a.md": "# A page", "docs/b.md": "" },
    words: new Set(["Room", "run"]),
  };
  const of = (text) => missingIn("docs/b.md", text, repository);
  const good =
    "[a](a.md#a-page) `Room::run` `decide.rs` `crates/floor/src/NAME.rs` `crates/*/src` `token/renew` `application/json`";
  assert.deepEqual(of(good), []);
  assert.deepEqual(of("```\n[a](c.md)\n```"), []);
  for (const text of [
    "[c](c.md)",
    "[a](a.md#another)",
    "`grant.rs`",
    "`crates/floor/tests`",
    "`crates/floor/src/NAME.ts`",
    "`Room::stop`",
  ]) {
    assert.equal(of(text).length, 1, text);
  }
  assert.deepEqual(unlistedIn("[A](a.md)", repository.files), ["docs/SUMMARY.md does not list docs/b.md"]);
});

const trackedFiles = async () => (await run("git", "ls-files")).trim().split("\n");

test("every link, path and Rust name in the documentation exists, and the book lists every page", async () => {
  const repository = await readRepository(root, await trackedFiles());
  const missing = Object.entries(repository.pages).flatMap(([page, text]) => missingIn(page, text, repository));
  assert.deepEqual([...missing, ...unlistedIn(repository.pages["docs/SUMMARY.md"], repository.files)], []);
});

test("every section of the rules of order is named by a test, and no source names another", async () => {
  assert.deepEqual(sectionsIn("//! Granting. Rules of order,\n//! sections 4, 5.1 and 7. Of 9 rules."), [
    "4",
    "5.1",
    "7",
  ]);
  const { pages, sources } = await readRepository(root, await trackedFiles());
  const sections = numbersOf(pages["docs/rules-of-order.md"]);
  const named = sources.flatMap(([file, source]) => sectionsIn(source).map((section) => ({ file, section })));
  assert.deepEqual(
    named.filter(({ section }) => !sections.includes(section)),
    [],
  );
  const tested = new Set(
    named.filter(({ file }) => file.includes("/tests/")).map(({ section }) => section.split(".")[0]),
  );
  assert.deepEqual(
    sections.filter((section) => !tested.has(section.split(".")[0])),
    [],
  );
});
