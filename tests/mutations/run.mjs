// Changes the rules of order in crates/floor, one change at a time, and checks that a test fails each time.
//
//   node tests/mutations/run.mjs            all of them; prints the table of docs/mutations.md
//   node tests/mutations/run.mjs nom class  only those whose names contain one of these texts
//
// Each change replaces a text that occurs once in a source file. The file is restored in every case, and a file with
// uncommitted changes is not touched. A change that no test notices fails this script.

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const floor = "crates/floor/src";

const mutations = [
  {
    name: "one more live speech than nom",
    file: `${floor}/floor.rs`,
    from: "live < self.settings.nom as usize",
    to: "live <= self.settings.nom as usize",
  },
  {
    name: "a suspended holder counts as live",
    file: `${floor}/floor.rs`,
    from: ".filter(|speech| speech.is_live())\n            .map",
    to: ".map",
  },
  {
    name: "an ended request stays open",
    file: `${floor}/fold.rs`,
    from: "if request.state.is_terminal() {",
    to: "if request.state == crate::request::State::Denied {",
  },
  {
    name: "members first ignores the class",
    file: `${floor}/ordering.rs`,
    from: "class << 32",
    to: "(class * 0) << 32",
  },
  {
    name: "a lower priority goes first",
    file: `${floor}/ordering.rs`,
    from: "4_u64.saturating_sub(u64::from(u8::from(entry.priority)))",
    to: "u64::from(u8::from(entry.priority))",
  },
  {
    name: "an earlier pin keeps its position against a later one",
    file: `${floor}/pins.rs`,
    from: "self.requests.pin(id, Some(to), overrode);",
    to: "let _ = (id, to, overrode);",
  },
  {
    name: "rotation ignores past speeches",
    file: `${floor}/ordering.rs`,
    from: "map(|spoken| spoken.times)",
    to: "map(|_| 0)",
  },
  {
    name: "a reply goes before the statements",
    file: `${floor}/ordering.rs`,
    from: "entry.kind == Kind::Reply",
    to: "entry.kind == Kind::Motion",
  },
  { name: "a paused clock runs", file: `${floor}/speech.rs`, from: "if self.running {", to: "if !self.running {" },
  {
    name: "the downtime of the server counts",
    file: `${floor}/presence.rs`,
    from: "self.now = down_since.min(now);",
    to: "self.now = now;",
  },
  {
    name: "waiting for an absent holder never ends",
    file: `${floor}/presence.rs`,
    from: "speech.waits_until = Some(self.now.after(self.floor.settings.reconnect_grace));",
    to: "speech.waits_until = Some(Moment(u64::MAX));",
  },
  {
    name: "the chair may wait for a present holder",
    file: `${floor}/presence.rs`,
    from: "speech.filter(|it| it.absent_since.is_some())",
    to: "speech",
  },
  {
    name: "a second request of a kind is not a duplicate",
    file: `${floor}/requests.rs`,
    from: "request.kind == wish.kind && !upheld",
    to: "request.kind == wish.kind && upheld",
  },
  {
    name: "a move against the policy needs no override",
    file: `${floor}/requests.rs`,
    from: "if overrode && !overriding {",
    to: "if overrode && !overriding && false {",
  },
  {
    name: "an absent person is granted",
    file: `${floor}/granting.rs`,
    from: "self.is_present(&request.beneficiary.clone())?;",
    to: "",
  },
  {
    name: "any moderator may decide",
    file: `${floor}/draft.rs`,
    from: "(Scope::Chair, chair) if *chair == self.actor.person => Ok(())",
    to: "(Scope::Chair, _) => Ok(())",
  },
  {
    name: "a list ends with a passed entry",
    file: `${floor}/list.rs`,
    from: ".find(|request| is_entry(request))",
    to: ".find(|request| is_entry(request) && !request.is_passed())",
  },
  {
    name: "a request is granted during a roll call",
    file: `${floor}/meeting.rs`,
    from: "if self.floor.roll_call && kind != Kind::PointOfOrder {",
    to: "if self.floor.roll_call && kind == Kind::PointOfOrder {",
  },
  {
    name: "a speech goes on beside a point of order",
    file: `${floor}/settle.rs`,
    from: "speech.kind != Kind::PointOfOrder && floor.point_of_order().is_some()",
    to: "speech.kind == Kind::PointOfOrder && floor.point_of_order().is_none()",
  },
];

const filters = process.argv.slice(2);
const chosen = mutations.filter(({ name }) => !filters.length || filters.some((filter) => name.includes(filter)));
const rows = [];
for (const { name, file, from, to } of chosen) {
  const path = join(root, file);
  if (execFileSync("git", ["status", "--porcelain", "--", file], { cwd: root, encoding: "utf8" })) {
    throw new Error(`${file} has uncommitted changes`);
  }
  const source = readFileSync(path, "utf8");
  if (source.split(from).length !== 2) throw new Error(`"${from}" does not occur exactly once in ${file}`);
  let text;
  try {
    writeFileSync(
      path,
      source.replace(from, () => to),
    );
    const run = spawnSync(
      "cargo",
      ["nextest", "run", "--locked", "-p", "plenary-floor", "--test", "behaviour", "--no-fail-fast"],
      {
        cwd: root,
        encoding: "utf8",
        env: { ...process.env, RUSTFLAGS: "", NO_COLOR: "1", PROPTEST_CASES: process.env.PROPTEST_CASES ?? "1000" },
        maxBuffer: 1 << 28,
      },
    );
    text = run.stdout + run.stderr;
  } finally {
    writeFileSync(path, source);
  }
  if (/error(\[E\d+\])?: could not compile|^error: could not compile/m.test(text))
    throw new Error(`"${name}" does not compile:\n${text}`);
  const failed = [
    ...new Set(
      [...text.matchAll(/^\s+(?:FAIL|TIMEOUT|SIG\w+) .*?plenary-floor::behaviour (\S+)/gm)].map((hit) => hit[1]),
    ),
  ];
  rows.push({ name, file: file.replace(`${floor}/`, ""), failed });
  console.error(`${failed.length ? "noticed" : "UNNOTICED"}: ${name} (${failed.length})`);
}

console.log("| change | in | tests that fail | among them |");
console.log("|---|---|---|---|");
for (const { name, file, failed } of rows) {
  const shown = failed.toSorted((a, b) => Number(a.startsWith("invariants")) - Number(b.startsWith("invariants")));
  const also = failed.some((test) => test.startsWith("invariants")) && failed.length > 1 ? ", the model" : "";
  console.log(
    `| ${name} | \`${file}\` | ${failed.length || "**none**"} | ${shown[0] ? `\`${shown[0].split("::").at(-1)}\`` : ""}${also} |`,
  );
}
process.exitCode = rows.every(({ failed }) => failed.length) ? 0 : 1;
