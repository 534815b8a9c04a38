// References in the documentation: links, paths in backticks and names of Rust that no longer exist.

import { readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

/** The pages of a Markdown text's links, with their anchors; those to other hosts are left out. */
const linksOf = (text) =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target).filter((target) => !/^[a-z]+:/.test(target));

const inBackticks = (text) => [...text.matchAll(/`([^`\n]+)`/g)].map(([, content]) => content);

const withoutExamples = (text) => text.replace(/^```[^]*?^```/gm, "");

/** The anchors of a page's headings, as GitHub and mdBook make them. */
const anchorsOf = (text) =>
  [...withoutExamples(text).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

const isSource = (name) => /^[\w./-]+\.(rs|tsx?|mjs)$/.test(name);

/**
 * Whether files of the repository have that path. `GROUP`, `NAME` and `*` stand for any
 * name; a source file may be named by the end of its path.
 */
function exists(path, files) {
  const pattern = path
    .replace(/\/$/, "")
    .replace(/[.]/g, "\\.")
    .replace(/\*|\b(GROUP|NAME)\b/g, "[^/]+");
  const whole = new RegExp(isSource(path) ? `(^|/)${pattern}$` : `^${pattern}(/|$)`);
  return files.some((file) => whole.test(file));
}

/**
 * What a page refers to and does not exist, a sentence each. `files` are the paths in the repository, `pages` the texts
 * of the Markdown files by path, `words` the words of all Rust sources.
 */
export function missingIn(page, text, { files, pages, words }) {
  const prose = withoutExamples(text);
  const folders = new Set(files.filter((file) => file.includes("/")).map((file) => file.split("/")[0]));
  const missing = [];
  for (const link of linksOf(prose)) {
    const [path, anchor] = link.split("#");
    const target = path ? normalize(join(dirname(page), path)) : page;
    if (!exists(target, files)) missing.push(`${page} links to ${link}, which does not exist`);
    else if (anchor && !anchorsOf(pages[target] ?? "").includes(anchor))
      missing.push(`${page} links to ${link}, which has no such heading`);
  }
  for (const name of inBackticks(prose)) {
    const isPath = /^[\w.*/-]+$/.test(name) && name.includes("/") && folders.has(name.split("/")[0]);
    if ((isPath || isSource(name)) && !exists(name, files)) missing.push(`${page} names ${name}, which does not exist`);
    const rust = name.match(/^\w+(::\w+)+$/)?.[0].split("::") ?? [];
    if (rust.some((word) => !words.has(word))) missing.push(`${page} names ${name}, which no Rust source has`);
  }
  return missing;
}

/** The pages of the book that its table of contents does not list, a sentence each. */
export function unlistedIn(summary, files) {
  const listed = linksOf(summary).map((link) => `docs/${link}`);
  const pages = files.filter((file) => file.startsWith("docs/") && file.endsWith(".md") && file !== "docs/SUMMARY.md");
  return pages.filter((page) => !listed.includes(page)).map((page) => `docs/SUMMARY.md does not list ${page}`);
}

/** The files of a repository, as `missingIn` needs them. */
export async function readRepository(root, files) {
  const texts = async (ending) => {
    const some = files.filter((file) => file.endsWith(ending));
    return Promise.all(some.map(async (file) => [file, await readFile(join(root, file), "utf8")]));
  };
  const sources = await texts(".rs");
  const words = new Set(sources.flatMap(([, source]) => source.match(/\w+/g) ?? []));
  return { files, pages: Object.fromEntries(await texts(".md")), sources, words };
}

/** The sections of the rules of order that a source names, as in `Rules of order, sections 4 and 5.1`. */
export function sectionsIn(source) {
  const prose = source.replace(/\n\s*\/\/[/!]/g, "");
  return [...prose.matchAll(/Rules of order, sections? ([\d., and]*\d)/g)].flatMap(([, list]) =>
    list.match(/\d+(\.\d+)?/g),
  );
}

/** The numbers of a page's headings, as in `## 5. Granting` and `### 5.1 Grant by the chair`. */
export const numbersOf = (page) => [...page.matchAll(/^#+ (\d+(?:\.\d+)?)/gm)].map(([, number]) => number);
