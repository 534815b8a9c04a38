// Runs every suite in turn, prints its output, and ends with one line that counts all tests.
//
// Each suite is a command and a function that reads its summary. A suite that fails without a failed test (it did not
// compile, or it was killed) counts as one failure, so that no fault can end in "0 failed".
//
// A file of browser tests that fails is run once more by itself, because browsers, a server and whatever else the machine
// does share few cores. A test that passes only then is named in the last lines: it is a fault to be mended, in the test or
// in what it tests.
//
//   node tests/run.mjs            all suites
//   node tests/run.mjs rust web   only these

import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

const number = (text, pattern) => Number(text.match(pattern)?.[1] ?? 0);

/** cargo nextest: `Summary [ 1.2s] 90 tests run: 89 passed (1 slow), 1 failed, 0 skipped`. */
const nextest = (text) => {
  const line = text.match(/Summary .*tests? run:.*/g)?.at(-1) ?? "";
  return {
    passed: number(line, /(\d+) passed/),
    failed: number(line, /(\d+) failed/) + number(line, /(\d+) timed out/),
  };
};

/** rustdoc, one line per crate: `test result: ok. 3 passed; 0 failed; …`. */
const libtest = (text) => {
  const lines = [...text.matchAll(/^test result: .*?(\d+) passed; (\d+) failed/gm)];
  const sum = (index) => lines.reduce((total, line) => total + Number(line[index]), 0);
  return { passed: sum(1), failed: sum(2) };
};

/** Vitest: `Tests  1 failed | 41 passed (42)`. */
const vitest = (text) => {
  const line = text.match(/^\s*Tests\s+.*/gm)?.at(-1) ?? "";
  return {
    passed: number(line, /(\d+) passed/),
    failed: number(line, /(\d+) failed/),
  };
};

/** node:test, once or several times: `# pass 3`, `# fail 0`, or the same after an `ℹ`. */
const nodeTest = (text) => {
  const sum = (word) =>
    [...text.matchAll(new RegExp(`^\\S+ ${word} (\\d+)$`, "gm"))].reduce(
      (total, [, count]) => total + Number(count),
      0,
    );
  return { passed: sum("pass"), failed: sum("fail") + sum("cancelled") };
};

/** The files that node:test names beside its failed tests: `test at tests/e2e/console.test.mjs:238:1`. */
const failedFiles = (text) => [...new Set([...text.matchAll(/^test at (\S+?):\d+:\d+$/gm)].map(([, file]) => file))];

/** The names in node:test's list of failed tests. */
const failedNames = (text) =>
  text
    .split("failing tests:")
    .slice(1)
    .flatMap((list) => [...list.matchAll(/^✖ (.*) \([\d.]+ms\)$/gm)].map(([, name]) => name));

/** More files than this fail of something that a second attempt does not change. */
const MAX_FILES_AGAIN = 8;

const nodeTests = (files, atATime) =>
  `node --test --test-concurrency=${atATime} --test-reporter=spec ${files.join(" ")}`;

/** Browser tests that measure time: what runs beside them would be measured too. */
const ALONE = ["address", "floor", "load", "media", "network", "recording-languages", "takes"];

/** All browser tests: most spend some of their time waiting, so two files at a time share two cores. With three the machine had
 * ten processes ready for each core, and on a slower one tests missed their deadlines. */
function browserTests() {
  const files = readdirSync(resolve(root, "tests/e2e"))
    .filter((name) => name.endsWith(".test.mjs"))
    .map((name) => `tests/e2e/${name}`);
  const isAlone = (file) => ALONE.some((name) => file === `tests/e2e/${name}.test.mjs`);
  const shared = nodeTests(
    files.filter((file) => !isAlone(file)),
    2,
  );
  const alone = nodeTests(files.filter(isAlone), 1);
  return `${shared}; shared=$?; ${alone} && exit $shared`;
}

const suites = [
  {
    name: "lint",
    command: "node --test --test-reporter=spec tests/lint/*.test.mjs",
    read: nodeTest,
  },
  { name: "web", command: "npm --prefix signaling/web test", read: vitest },
  {
    name: "rust",
    command: "cargo nextest run --locked --workspace --no-fail-fast",
    read: nextest,
  },
  {
    name: "docs",
    command: "cargo test --locked --workspace --doc --no-fail-fast",
    read: libtest,
  },
  {
    name: "e2e",
    command: `cargo build --locked --workspace --bins --examples && { ${browserTests()}; }`,
    read: nodeTest,
    again: (files) => nodeTests(files, 1),
  },
  // Their crate has a workspace of its own, and its build a folder of its own beside the others.
  {
    name: "foreign",
    command:
      "cargo build --locked --workspace --bins --examples && " +
      "cargo build --locked --manifest-path tests/foreign/stacks/webrtc-rs/Cargo.toml --target-dir target/foreign && " +
      nodeTests(["tests/foreign/*.test.mjs"], 2),
    read: nodeTest,
    again: (files) => nodeTests(files, 1),
  },
];

/** Runs a suite, and the files of its failed tests once more where the suite says how. */
async function runSuite(suite) {
  const first = await run(suite);
  const files = failedFiles(first.text);
  if (!suite.again || !files.length || files.length > MAX_FILES_AGAIN) return first;
  const second = await run({ ...suite, command: suite.again(files) });
  const still = failedNames(second.text);
  // A second run in which nothing passed proves nothing.
  if (!second.passed) return first;
  const late = [...new Set(failedNames(first.text))].filter((name) => !still.includes(name));
  const failed = second.failed;
  return { passed: first.passed + first.failed - failed, failed, late };
}

function run({ name, command, read }) {
  console.log(`\n== ${name}: ${command}`);
  return new Promise((done) => {
    const child = spawn("bash", ["-c", command], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", CARGO_TERM_COLOR: "never" },
    });
    let text = "";
    for (const [stream, out] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      stream.setEncoding("utf8");
      stream.on("data", (chunk) => {
        text += chunk;
        out.write(chunk);
      });
    }
    child.on("close", (code) => {
      const counts = read(text);
      if (code !== 0 && counts.failed === 0) counts.failed = 1;
      if (code === 0 && counts.passed === 0) counts.failed += 1; // a suite without tests proves nothing
      done({ ...counts, text, late: [] });
    });
  });
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length) {
  console.error(`no suite ${unknown.join(", ")}; there are: ${suites.map((suite) => suite.name).join(", ")}`);
  process.exit(2);
}

let passed = 0;
let failed = 0;
const summary = [];
for (const suite of suites.filter(({ name }) => !chosen.length || chosen.includes(name))) {
  const started = Date.now();
  const counts = await runSuite(suite);
  passed += counts.passed;
  failed += counts.failed;
  const seconds = Math.round((Date.now() - started) / 1000);
  summary.push(`${suite.name}: ${counts.passed} passed, ${counts.failed} failed, ${seconds} s`);
  for (const name of counts.late) summary.push(`${suite.name}: passed only at the second attempt: ${name}`);
}
console.log(`\n${summary.join("\n")}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
