// The program at the end of docs/protocol.md is what a stranger starts from: it runs as printed, and does what is said
// of it there.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Participant } from "./lib/participant.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const PAGE = fileURLToPath(new URL("../../docs/protocol.md", import.meta.url));

let server,
  program,
  printed = "";

before(async () => {
  server = await Server.start();
  const [, source] = (await readFile(PAGE, "utf8")).match(/\n```js\n([^]*?)\n```/);
  const file = join(server.folder, "program.mjs");
  await writeFile(file, source.replace("http://127.0.0.1:8080", server.url));
  const { invitation } = (await server.invitations())["tokyo-1"];
  program = spawn(process.execPath, ["--experimental-websocket", file, invitation], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  program.stdout.setEncoding("utf8").on("data", (chunk) => (printed += chunk));
});

after(async () => {
  program?.kill();
  await server?.close();
});

test("the program of the protocol asks for the floor", async () => {
  await until("the reply is printed", () => /id: 'r1'/.test(printed));
  assert.match(printed, /^\d+ floor\.requested r1$/m);
});

test("the program comes back when the server was killed, and misses no event", async () => {
  await server.restart("SIGKILL");
  const chair = await Participant.join(server, "moderator-1");
  // The grant is refused as absent until the program is back.
  await until("it is granted the floor", async () => {
    if (!/floor\.granted r1/.test(printed)) await chair.command("floor.grant", { request: "r1" }).catch(() => {});
    return /floor\.granted r1/.test(printed);
  });
  const seen = [...printed.matchAll(/^(\d+) /gm)].map(([, seq]) => Number(seq));
  assert.deepEqual(
    seen,
    seen.map((_, index) => seen[0] + index),
    printed,
  );
  chair.close();
});
