// A stack's end of the JSON lines.

import { createInterface } from "node:readline";

export const print = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** Calls `read` with every message, and ends the program with its input. */
export function listen(read) {
  createInterface({ input: process.stdin })
    .on("line", (line) => read(JSON.parse(line)))
    .on("close", () => process.exit());
}

/** Counts what arrives, and prints it. */
export function counter() {
  const counts = { sound: 0, pictures: 0 };
  return (kind) => {
    counts[kind] += 1;
    print({ [kind]: counts[kind] });
  };
}
