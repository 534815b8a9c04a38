// The demo with its cities: they come, take the floor, and go with the demo.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { binary } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

test("the demo seats its cities, each requests the floor, the chair grants one of them, and they leave with the demo", async () => {
  const demo = spawn(binary, ["demo", "--with-cities", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    let link;
    for await (const line of createInterface({ input: demo.stdout })) {
      link ??= line.match(/^\s*(http\S*)\/#i=(\S+)/);
      if (line.startsWith("Ctrl-C")) break;
    }
    const [, url, invitation] = link;
    const call = async (path, { token, body } = {}) => {
      const response = await fetch(`${url}/api/v1${path}`, {
        method: body ? "POST" : "GET",
        headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
        body: body && JSON.stringify(body),
      });
      assert.ok(response.ok, `${path}: ${response.status}`);
      return response.json();
    };
    const { token } = await call("/invitations/redeem", { body: { invitation } });
    const room = await until("a room with cities, each of which requests the floor", async () => {
      for (const { id } of await call("/rooms", { token })) {
        const state = await call(`/rooms/${id}`, { token });
        if (state.participants.length >= 7 && state.floor.requests.length >= 7) return { id, ...state };
      }
    }, 60_000);
    const [request] = room.floor.requests;
    const granted = await call(`/rooms/${room.id}/floor/requests/${request.id}/grant`, { token, body: {} });
    assert.equal(granted.state, "granted");
    assert.ok(room.participants.every(({ person }) => person !== "taipei-1"), "the host's seat is free");

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
  const lists = (await readdir(`/proc/${pid}/task`)).map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8"));
  return (await Promise.all(lists)).join(" ").trim().split(/\s+/).filter(Boolean).map(Number);
}
