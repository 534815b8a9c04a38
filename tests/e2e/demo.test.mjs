// The demo with its cities: they join, are heard when the floor is granted, and end with the demo.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { binary } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

test("the demo seats its cities, one of them is heard, and they leave with the demo", async () => {
  const demo = spawn(binary, ["demo", "--with-cities", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    let link;
    for await (const line of createInterface({ input: demo.stdout })) {
      link ??= line.match(/^\s*(http\S*)\/#i=(\S+)/);
      if (line.startsWith("Ctrl-C")) break;
    }
    const [, url, invitation] = link;
    const call = async (path, { token, body, method = body ? "POST" : "GET" } = {}) => {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
        body: body && JSON.stringify(body),
      });
      // A busy machine may answer with 503, try again.
      return response.ok ? response.json() : undefined;
    };
    // The first link is the moderator's.
    const { token } = await until("a token", () => call("/invitations/redeem", { body: { invitation } }));
    const room = () => call("/rooms/climate", { token });
    const seated = await until(
      "eight cities on the list of speakers",
      async () => {
        const state = await room();
        return state?.participants.length === 8 && state.floor.requests.length === 8 && state;
      },
      30_000,
    );
    assert.ok(
      seated.participants.every(({ person }) => person !== "taipei-1"),
      "the host's seat is free",
    );
    const [{ id }] = seated.floor.requests;
    await until("the floor to be granted", () =>
      call(`/rooms/climate/floor/requests/${id}/grant`, { token, method: "POST", body: {} }),
    );
    await until(
      "the speaker's clock to run, which needs its sound",
      async () => (await room())?.floor.speech?.running,
      30_000,
    );

    const children = await childrenOf(demo.pid);
    assert.equal(children.length, 1);
    demo.kill("SIGKILL");
    await once(demo, "exit");
    await until("the cities to leave with the demo", () => !isAlive(children[0]));
  } finally {
    demo.kill("SIGKILL");
  }
});

const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function childrenOf(pid) {
  const { readFile, readdir } = await import("node:fs/promises");
  const lists = (await readdir(`/proc/${pid}/task`)).map((thread) =>
    readFile(`/proc/${pid}/task/${thread}/children`, "utf8"),
  );
  return (await Promise.all(lists)).join(" ").trim().split(/\s+/).filter(Boolean).map(Number);
}
