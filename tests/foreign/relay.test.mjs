// coturn's own client against our relay: with a participant's credentials it gets to our media and nowhere else.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { Participant } from "../e2e/lib/participant.mjs";
import { until } from "../e2e/lib/until.mjs";
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

/** Runs turnutils_uclient until it says one of `words`, or for some seconds; resolves with what it printed. */
function uclient(flags, words, { username = relay.username, credential = relay.credential } = {}) {
  const { host, port } = relay;
  const all = [...flags, "-v", "-c", "-n", "5", "-l", "100", "-u", username, "-w", credential, "-p", port, host];
  const child = spawn("turnutils_uclient", all);
  let said = "";
  // Nobody answers what it sends, so it would wait for a long time.
  const stop = () => child.kill("SIGKILL");
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      said += text;
      if (words.test(said)) stop();
    });
  const timer = setTimeout(stop, 8000);
  return new Promise((done) => {
    child.on("close", () => {
      clearTimeout(timer);
      done(said);
    });
  });
}

/** What has come to the media plane, by all paths. */
const arrived = () => server.metric("plenary_media_path_packets_in_total");

for (const [way, flags] of [
  ["UDP", []],
  ["TCP", ["-t"]],
]) {
  test(`turnutils_uclient gets a permission for this server's media and reaches it over ${way}`, async () => {
    const before = await arrived();
    const said = await uclient([...flags, "-s", "-e", relay.host, "-r", relay.port], /tot_send_msgs=[1-9]/);
    assert.match(said, /Received relay addr/, said);
    assert.match(said, /Total connect time/, said);
    assert.doesNotMatch(said, /error 4\d\d/, said);
    await until("the media plane has what it sent", async () => (await arrived()) > before);
  });

  test(`turnutils_uclient binds a channel to this server's media, and none to the port beside it, over ${way}`, async () => {
    // It binds one for RTP and one for RTCP: to the port that it is given and to the one above.
    const said = await uclient([...flags, "-e", relay.host, "-r", String(relay.port - 1)], /403/);
    assert.match(said, /channel bind sent[^]*success: 0x[4-7][0-9a-f]{3}[^]*403 \(Forbidden\)/, said);
  });

  test(`turnutils_uclient is refused every other peer over ${way}`, async () => {
    for (const peer of ["198.51.100.9", "127.0.0.1"]) {
      const said = await uclient([...flags, "-e", peer, "-r", "9"], /403/);
      assert.match(said, /403 \(Forbidden\)/, said);
    }
  });

  test(`turnutils_uclient with a wrong password gets nothing over ${way}`, async () => {
    const words = [...flags, "-e", relay.host, "-r", relay.port];
    const said = await uclient(words, /401|Cannot complete/, { credential: "wrong" });
    assert.match(said, /401|Unauthorized|Cannot complete Allocation/i, said);
    assert.doesNotMatch(said, /success/, said);
  });
}
