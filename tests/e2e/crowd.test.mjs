// Connections that are malicious or malformed: each gets its close code, and the participants notice nothing.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import WebSocket from "ws";
import { Server } from "./lib/server.mjs";
import { pause, until } from "./lib/until.mjs";

let server;

const open = () => new WebSocket(`${server.url.replace("http", "ws")}/api/v1/ws`, "plenary.v1");
const closed = (socket) =>
  new Promise((done) => {
    socket.on("close", (code) => done(code));
    socket.on("error", () => {});
  });
const seated = async (person) => {
  const token = await server.token(person);
  const socket = open();
  const messages = [];
  socket.on("message", (data) => messages.push(JSON.parse(data)));
  socket.on("error", () => {});
  await new Promise((done) => socket.once("open", done));
  socket.send(JSON.stringify({ type: "hello", token, room: "climate" }));
  await until("welcome", () => messages.find(({ type }) => type === "welcome"));
  return { socket, messages };
};
const residentMb = async () =>
  Number((await readFile(`/proc/${server.pid}/status`, "utf8")).match(/VmRSS:\s+(\d+)/)[1]) / 1024;

before(async () => {
  server = await Server.start();
});

after(async () => {
  await server?.close();
});

test("a thousand connections that say nothing cost little, are closed with 4408, and disturb nobody", async () => {
  const tokyo = await seated("tokyo-1");
  const before = await residentMb();
  const crowd = Array.from({ length: 1000 }, open);
  const codes = crowd.map(closed);
  await until("all open", () => crowd.every(({ readyState }) => readyState === WebSocket.OPEN), 30_000);
  const during = await residentMb();
  assert.ok(during - before < 60, `a thousand silent connections took ${Math.round(during - before)} MB`);
  const command = { type: "floor.request", command_id: crypto.randomUUID() };
  tokyo.socket.send(JSON.stringify(command));
  const reply = await until("a reply", () => tokyo.messages.find((each) => each.command_id === command.command_id));
  assert.equal(reply.result.beneficiary, "tokyo-1");
  assert.deepEqual(new Set(await Promise.all(codes)), new Set([4408]));
  tokyo.socket.close();
});

test("ten megabytes in one message are closed with 4413, in binary with 4400", async () => {
  const seoul = await seated("seoul-1");
  const code = closed(seoul.socket);
  seoul.socket.send("x".repeat(10_000_000));
  assert.equal(await code, 4413);
  const again = await seated("seoul-1");
  const binary = closed(again.socket);
  again.socket.send(Buffer.from([1, 2, 3]));
  assert.equal(await binary, 4400);
});

test("a hello with no token, a forged one, or for a room that is not there is closed with its code", async () => {
  for (const [hello, want] of [
    [{ type: "hello", token: "forged", room: "climate" }, 4401],
    [{ type: "hello", room: "climate" }, 4401],
    [{ type: "hello", token: await server.token("tokyo-1"), room: "nowhere" }, 4403],
  ]) {
    const socket = open();
    const code = closed(socket);
    await new Promise((done) => socket.once("open", done));
    socket.send(JSON.stringify(hello));
    assert.equal(await code, want, JSON.stringify(hello).slice(0, 60));
  }
});

test("offers and candidates pass between two people of a room untouched, and never across rooms", async () => {
  const [tokyo, delhi] = [await seated("tokyo-1"), await seated("delhi-1")];
  const offer = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n…\u0007 é 漢字";
  tokyo.socket.send(JSON.stringify({ type: "signal", to: "delhi-1", offer }));
  const got = await until("the offer", () => delhi.messages.find(({ type }) => type === "signal"));
  assert.deepEqual({ from: got.from, offer: got.offer }, { from: "tokyo-1", offer });
  tokyo.socket.send(JSON.stringify({ type: "signal", to: "taipei-1", candidate: { candidate: "x" } }));
  await until("a refusal", () => tokyo.messages.find(({ type }) => type === "problem"));
  tokyo.socket.close();
  delhi.socket.close();
  await pause(50);
});

test("SIGTERM says 1001 to everybody and exits 0", async () => {
  const tokyo = await seated("tokyo-1");
  const code = closed(tokyo.socket);
  const exit = await server.stop();
  assert.equal(await code, 1001);
  assert.deepEqual(exit, { code: 0, signal: null });
});
