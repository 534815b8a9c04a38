// Documentation lines of few words: most of them repeat a name and say nothing.

const MAX_SHORT_WORDS = 4;

/** How many lines of prose the documentation of a Rust file has, and how many of them have four words or fewer. */
export function countDocLines(source) {
  const counts = { all: 0, short: 0 };
  let inCode = false;
  for (const line of source.split("\n")) {
    const text = line.match(/^\s*\/\/[/!](.*)$/)?.[1]?.trim();
    if (text?.startsWith("```")) inCode = !inCode;
    else if (text && !inCode) {
      counts.all += 1;
      if (text.split(/\s+/).length <= MAX_SHORT_WORDS) counts.short += 1;
    }
  }
  return counts;
}
