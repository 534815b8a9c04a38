// The rules of deny.toml for licences, sources and bans, checked on `cargo metadata`, without a network and without
// building cargo-deny; and dependencies that nothing uses.

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** The part of deny.toml that is checked here. A TOML parser would be one more dependency to audit. */
export function rulesOf(toml) {
  const table = (name) => toml.match(new RegExp(`^\\[${name}\\]\\n([^]*?)(?=^\\[|$(?![^]))`, "m"))?.[1] ?? "";
  const strings = (text) => [...text.replace(/#.*$/gm, "").matchAll(/"([^"]*)"/g)].map(([, string]) => string);
  const list = (text, key) => strings(text.match(new RegExp(`^${key} = \\[([^\\]]*)\\]`, "m"))?.[1] ?? "");
  return {
    licences: list(table("licenses"), "allow"),
    registries: list(table("sources"), "allow-registry"),
    banned: list(table("bans"), "deny"),
    targets: list(table("graph"), "targets"),
  };
}

/** Whether an SPDX expression can be satisfied with the allowed licences. `/` is an old way to write OR. */
export function isAllowed(expression, allowed) {
  const tokens = expression.replaceAll("/", " OR ").match(/[()]|[^\s()]+/g) ?? [];
  let position = 0;
  const next = (token) => tokens[position] === token && ++position > 0;
  const any = () => {
    let result = all();
    while (next("OR")) result = all() || result;
    return result;
  };
  const all = () => {
    let result = one();
    while (next("AND")) result = one() && result;
    return result;
  };
  const one = () => {
    if (next("(")) {
      const result = any();
      return next(")") && result;
    }
    const licence = tokens[position++];
    // An exception only ever permits more.
    if (next("WITH")) position += 1;
    return allowed.includes(licence);
  };
  return any() && position === tokens.length;
}

/** What is wrong with the packages of `cargo metadata`, a sentence each. */
export function faultsOf({ packages, workspace_members }, { licences, registries, banned }) {
  const others = packages.filter(({ id }) => !workspace_members.includes(id));
  return others.flatMap(({ name, version, license, source }) => [
    ...(isAllowed(license ?? "", licences)
      ? []
      : [`${name} ${version} has the licence ${license ?? "unknown"}, which deny.toml does not allow`]),
    ...(registries.some((registry) => source === `registry+${registry}`)
      ? []
      : [`${name} ${version} comes from ${source ?? "a path outside the workspace"}`]),
    ...(banned.includes(name) ? [`${name} ${version} is banned by deny.toml`] : []),
  ]);
}

/** The dependencies of workspace crates whose names appear in none of the crate's sources, a sentence each. */
export async function unusedOf({ packages, workspace_members }) {
  const members = packages.filter(({ id }) => workspace_members.includes(id));
  const unused = await Promise.all(
    members.map(async ({ name, manifest_path, dependencies, metadata }) => {
      // As cargo-machete has it: dependencies that only the expansion of a macro names.
      const ignored = metadata?.["cargo-machete"]?.ignored ?? [];
      const sources = (await sourcesUnder(manifest_path.replace(/\/Cargo\.toml$/, ""))).join("\n");
      return dependencies
        .map((dependency) => dependency.rename ?? dependency.name)
        .filter((dependency) => !ignored.includes(dependency))
        .filter(
          (dependency) => !new RegExp(`\\b${dependency.replaceAll("-", "_")}\\b\\s*(::|;|as\\b|\\})`).test(sources),
        )
        .map((dependency) => `${name} depends on ${dependency} and does not use it`);
    }),
  );
  return unused.flat();
}

async function sourcesUnder(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const parts = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      // A crate's fuzz targets are a workspace of their own.
      if (entry.isDirectory()) return ["fuzz", "node_modules", "target"].includes(entry.name) ? [] : sourcesUnder(path);
      return entry.name.endsWith(".rs") ? [await readFile(path, "utf8")] : [];
    }),
  );
  return parts.flat();
}
