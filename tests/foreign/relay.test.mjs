// coturn's own client against our relay: with a participant's credentials it gets to our media and nowhere else.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { Participant } from "../e2e/lib/participant.mjs";
import { startServer } from "./lib/room.mjs";

let server;
let relay;

before(async () => {
  server = await startServer();
  const participant = await Participant.join(server, "tokyo-1", "climate");
  const { ice_servers: servers } = participant.messages.find(({ type }) => type === "welcome");
  participant.close();
  assert.equal(servers.length, 1);
  const [{ urls, username, credential }] = servers;
  const [, host, port] = /^turn:([^?]+):(\d+)\?transport=tcp$/.exec(urls[0]);
  relay = { host, port, username, credential };
});

after(async () => {
  await server?.close();
});

/** Runs turnutils_uclient for a second; resolves with what it printed. */
function uclient(flags, { username = relay.username, credential = relay.credential } = {}) {
  const { host, port } = relay;
  const all = [...flags, "-v", "-c", "-n", "5", "-l", "100", "-u", username, "-w", credential, "-p", port, host];
  const child = spawn("turnutils_uclient", all);
  let said = "";
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (said += text));
  // Nobody answers what it sends, so it would wait for a long time.
  const stop = () => child.kill("SIGKILL");
  child.stdout.on(
    "data",
    () => /Total connect time|total_send_messages|cannot|error/i.test(said) && setImmediate(stop),
  );
  const timer = setTimeout(stop, 8000);
  return new Promise((done) => {
    child.on("close", () => {
      clearTimeout(timer);
      done(said);
    });
  });
}

for (const [way, flags] of [
  ["UDP", []],
  ["TCP", ["-t"]],
]) {
  test(`turnutils_uclient allocates and reaches this server's media over ${way}`, async () => {
    const before = await server.metric("plenary_media_datagrams_refused_total");
    const said = await uclient([...flags, "-e", relay.host, "-r", relay.port]);
    assert.match(
      said,
      /allocate response received: success|allocate response: success|IPv4. Received relay addr/i,
      said,
    );
    assert.doesNotMatch(said, /error 4\d\d/, said);
    assert.ok((await server.metric("plenary_media_datagrams_refused_total")) >= before);
  });

  test(`turnutils_uclient is refused every other peer over ${way}`, async () => {
    for (const peer of ["198.51.100.9", "127.0.0.1"]) {
      const said = await uclient([...flags, "-e", peer, "-r", "9"]);
      assert.match(said, /403 \(Forbidden\)/, said);
    }
  });

  test(`turnutils_uclient with a wrong password gets nothing over ${way}`, async () => {
    const said = await uclient([...flags, "-e", relay.host, "-r", relay.port], { credential: "wrong" });
    assert.match(said, /401|Unauthorized|Cannot complete Allocation/i, said);
    assert.doesNotMatch(said, /success/, said);
  });
}
