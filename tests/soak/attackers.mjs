// All attacks at once, as a process of its own. Its priority is the lowest, so that the attackers' own use of the processor
// delays neither the server nor the listener; on a machine that does other work, too, set ATTACKERS_NICE to that work's,
// or the attackers starve. It is told the server on standard input, as one line of JSON, and prints what it did, as one
// line of JSON, when its input ends.

import { setMaxListeners } from "node:events";
import { setPriority } from "node:os";
import { createInterface } from "node:readline";
import { Server } from "../e2e/lib/server.mjs";
import * as attacks from "./lib/attacks.mjs";

setPriority(Number(process.env.ATTACKERS_NICE ?? 19));
process.on("unhandledRejection", (error) => {
  console.error(error);
  process.exit(1);
});

const lines = createInterface({ input: process.stdin });
const { ready, conference, config, room } = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
const server = Object.assign(new Server(), { ready, conference, config });
const invitations = await server.invitations();
const ended = new AbortController();
setMaxListeners(0, ended.signal);
lines.once("close", () => ended.abort());

const tally = {};
await Promise.all(
  Object.entries(attacks).map(async ([name, attack]) => {
    // An attack that is refused at its first step begins again.
    while (!ended.signal.aborted) {
      try {
        await attack({ server, invitations, room, signal: ended.signal, tally });
      } catch (error) {
        tally[`${name}: began again`] = (tally[`${name}: began again`] ?? 0) + 1;
        tally[`${name}: ${error.problem?.code ?? error.message}`] = 1;
        await new Promise((done) => setTimeout(done, 1000));
      }
    }
  }),
);
console.log(JSON.stringify(tally));
process.exit(0);
