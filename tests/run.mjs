// Runs every suite in turn, prints its output, and ends with one line that counts all tests.
//
// Each suite is a command and a function that reads its summary. A suite that fails without a failed test (it did not
// compile, or it was killed) counts as one failure, so that no fault can end in "0 failed".
//
//   node tests/run.mjs            all suites
//   node tests/run.mjs rust web   only these

import { spawn } from "node:child_process";
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
  return { passed: number(line, /(\d+) passed/), failed: number(line, /(\d+) failed/) };
};

/** node:test: `# pass 3`, `# fail 0`, or the same after an `ℹ`. */
const nodeTest = (text) => ({
  passed: number(text, /^\S+ pass (\d+)/m),
  failed: number(text, /^\S+ fail (\d+)/m) + number(text, /^\S+ cancelled (\d+)/m),
});

const suites = [
  { name: "lint", command: "node --test --test-reporter=spec tests/lint/*.test.mjs", read: nodeTest },
  { name: "web", command: "npm --prefix signaling/web test", read: vitest },
  { name: "rust", command: "cargo nextest run --locked --workspace --no-fail-fast", read: nextest },
  { name: "docs", command: "cargo test --locked --workspace --doc --no-fail-fast", read: libtest },
  // One file at a time, because the browsers share two cores with the server under test.
  {
    name: "e2e",
    command:
      "cargo build --locked --workspace --bins --examples && node --test --test-concurrency=1 --test-reporter=spec tests/e2e/*.test.mjs",
    read: nodeTest,
  },
  // Their crate has a workspace of its own, and its build a folder of its own beside the others.
  {
    name: "foreign",
    command:
      "cargo build --locked --workspace --bins --examples && " +
      "cargo build --locked --manifest-path tests/foreign/stacks/webrtc-rs/Cargo.toml --target-dir target/foreign && " +
      "node --test --test-concurrency=1 --test-reporter=spec tests/foreign/*.test.mjs",
    read: nodeTest,
  },
];

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
      done(counts);
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
  const counts = await run(suite);
  passed += counts.passed;
  failed += counts.failed;
  const seconds = Math.round((Date.now() - started) / 1000);
  summary.push(`${suite.name}: ${counts.passed} passed, ${counts.failed} failed, ${seconds} s`);
}
console.log(`\n${summary.join("\n")}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
