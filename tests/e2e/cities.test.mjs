// The networks of cities: a symmetric NAT, an address that changes, a lossy path for TCP only, a proxy that only CONNECTs,
// IPv6 alone, and Firefox behind the same firewalls. In each a delegate sees and hears, and is seen and heard.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { audiblePeople, colourOf, isColourOf, startChromium, takeSeat } from "./lib/browser.mjs";
import { startFirefox, takeSeatInFirefox } from "./lib/firefox.mjs";
import { RemoteNetwork } from "./lib/remote-network.mjs";
import { Server } from "./lib/server.mjs";
import { testCertificate } from "./lib/test-ca.mjs";
import { pause, until } from "./lib/until.mjs";

let city, folder, certificate, server, near, far, seoul, chair;

/** Firefox uses a relay over TLS only by a name. */
const NAME = "plenary.test";

/** A server that has HTTPS as well, and the links of which lead there. */
async function startSecure(options) {
  const { host } = options;
  const started = await Server.start({
    ...options,
    environment: {
      PLENARY_LISTEN__HTTPS: `${host}:${options.https ?? 0}`,
      PLENARY_TLS__CERTIFICATE: certificate.certificate,
      PLENARY_TLS__KEY: certificate.key,
      ...options.environment,
    },
  });
  started.pages = {
    link: async (person) => (await started.link(person)).replace(/^[^#]*/, `https://${started.ready.https}/`),
  };
  return started;
}

const seesAndHears = async (page, person) =>
  isColourOf(await colourOf(page, "stage-video"), person) && (await audiblePeople(page)).includes(person);

/** A person speaks; everybody of `listeners` sees and hears that. */
async function speaks(person, listeners, at = server) {
  const moderator = await at.token("moderator-1");
  const { granted } = await at.get("/rooms/climate/floor", moderator);
  for (const { id } of granted) await at.post(`/rooms/climate/floor/requests/${id}/revoke`, {}, moderator);
  const { id } = await at.post("/rooms/climate/floor/requests", {}, await at.token(person));
  await at.post(`/rooms/climate/floor/requests/${id}/grant`, {}, moderator);
  for (const [name, page] of Object.entries(listeners))
    await until(`${name} sees and hears ${person}`, () => seesAndHears(page, person), 20_000);
}

/** Takes Tokyo's seat while Seoul speaks, and prints how long the first sound took. */
async function arrives(how, take, at = server) {
  const page = await take();
  const begin = performance.now();
  await until(`${how}: Tokyo hears Seoul`, async () => (await audiblePeople(page)).includes("seoul-1"), 20_000);
  console.log(`${how}: first sound ${Math.round(performance.now() - begin)} ms after the room was shown`);
  const { participants } = await at.get("/rooms/climate/health", await at.token("operator-1"));
  return { page, path: participants.find(({ person }) => person === "tokyo-1").ice_path.split(" ")[0] };
}

before(async () => {
  city = await RemoteNetwork.create();
  folder = await mkdtemp(join(tmpdir(), "plenary-cities-"));
  certificate = await testCertificate(folder, [...city.remoteHosts, NAME]);
  server = await startSecure({ host: city.host, addresses: [city.host] });
  near = await startChromium({ anyCertificate: true });
  far = await startChromium({ executable: city.browser, anyCertificate: true });
  chair = await server.token("moderator-1");
  seoul = await takeSeat(near, server.pages, "seoul-1");
});

afterEach(() => city.restore());

after(async () => {
  await far?.close();
  await near?.close();
  await server?.close();
  await city?.close();
  await rm(folder, { recursive: true, force: true });
});

test("behind a symmetric NAT a city is heard by UDP, and a new address in mid-speech keeps its floor and its voice", async () => {
  await city.symmetricNat();
  await speaks("seoul-1", {});
  const { page, path } = await arrives("symmetric NAT", () => takeSeat(far, server.pages, "tokyo-1"));
  assert.equal(path, "udp");
  await speaks("tokyo-1", { Seoul: seoul });

  const [request] = (await server.get("/rooms/climate/floor", chair)).granted;
  await city.changeAddress();
  const begin = performance.now();
  await until("Seoul hears nothing", async () => !(await audiblePeople(seoul)).includes("tokyo-1"));
  await until("Seoul hears Tokyo again", async () => (await audiblePeople(seoul)).includes("tokyo-1"));
  console.log(`address changed in mid-speech: heard again after ${Math.round(performance.now() - begin)} ms`);
  await until("Seoul sees Tokyo again", () => seesAndHears(seoul, "tokyo-1"));
  const { granted } = await server.get("/rooms/climate/floor", chair);
  assert.deepEqual([granted[0].id, granted[0].substate], [request.id, "live"], "the floor was kept");
  assert.deepEqual(page.problems, []);
  await page.close();
});

test("by TCP over a path of 100 ms that loses one packet in twenty the stage is seen and heard, and stays current", async () => {
  await speaks("seoul-1", {});
  await city.cutUdp();
  await city.slowDown({ delayMs: 50, loss: 0.05 });
  const { page, path } = await arrives("TCP with 100 ms and 5 % loss", () => takeSeat(far, server.pages, "tokyo-1"));
  assert.notEqual(path, "udp");
  await until("Tokyo sees Seoul", () => seesAndHears(page, "seoul-1"), 20_000);
  await pause(4_000);
  await until("Tokyo still sees and hears Seoul", () => seesAndHears(page, "seoul-1"));
  await speaks("tokyo-1", { Seoul: seoul });
  assert.ok(!(await audiblePeople(page)).includes("seoul-1"), "what Seoul said before is over");
  assert.deepEqual(page.problems, []);
  await page.close();
});

test("through a proxy that knows only CONNECT to the https port a city sees and hears, and is seen and heard", async (t) => {
  const https = server.ready.https.split(":").at(-1);
  const proxy = createServer((request, response) => response.writeHead(405).end());
  proxy.on("connect", (request, socket) => {
    const [name, port] = request.url.split(":");
    if (port !== https) return socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const through = connect(Number(port), name, () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      socket.pipe(through).pipe(socket);
    });
    for (const each of [socket, through]) each.on("error", () => [socket, through].forEach((it) => it.destroy()));
  });
  await new Promise((done) => proxy.listen(0, city.host, done));
  t.after(() => proxy.close() && proxy.closeAllConnections());
  const { port } = proxy.address();
  await city.onlyTcpTo(port);
  const behind = await startChromium({
    executable: city.browser,
    anyCertificate: true,
    proxy: `http://${city.host}:${port}`,
  });
  t.after(() => behind.close());

  await speaks("seoul-1", {});
  const { page, path } = await arrives("CONNECT only", () => takeSeat(behind, server.pages, "tokyo-1"));
  assert.equal(path, "turn-tls");
  await until("Tokyo sees Seoul", () => seesAndHears(page, "seoul-1"));
  await speaks("tokyo-1", { Seoul: seoul });
  assert.deepEqual(page.problems, []);
});

test("a city that has IPv6 alone sees and hears, and is seen and heard", async (t) => {
  await city.cut();
  const own = await startSecure({
    host: `[${city.host6}]`,
    addresses: [city.host6],
    environment: { PLENARY_LISTEN__MEDIA: "[::]:0" },
  });
  t.after(() => own.close());
  const speaker = await takeSeat(near, own.pages, "seoul-1");
  t.after(() => speaker.close());
  await speaks("seoul-1", {}, own);
  const { page, path } = await arrives("IPv6 alone", () => takeSeat(far, own.pages, "tokyo-1"), own);
  assert.equal(path, "udp");
  await speaks("tokyo-1", { Seoul: speaker }, own);
  assert.deepEqual(page.problems, []);
  await page.close();
});

test("Firefox sees and hears, and is seen and heard, where UDP is blocked and where the https port is all that is open", async (t) => {
  // Firefox is driven over loopback, so here the server is the one that stands behind the path.
  const behind = await startSecure({
    host: city.remoteHost,
    addresses: [city.remoteHost],
    namespace: city.names.city,
    https: 443,
    publicUrl: `https://${NAME}`,
  });
  const named = { link: async (person) => (await behind.link(person)).replace(/^[^#]*/, `https://${NAME}/`) };
  // The calls of this test go to the port for plain HTTP, which the page does not use.
  const calls = new URL(behind.url).port;
  t.after(() => behind.close());
  const firefox = await startFirefox({ authority: certificate.authority, resolvesTo: city.remoteHost });
  t.after(() => firefox.close());
  const chromium = await startChromium({ anyCertificate: true, resolvesTo: city.remoteHost });
  t.after(() => chromium.close());
  const speaker = await takeSeat(chromium, named, "seoul-1");
  for (const [how, block] of [
    ["Firefox, UDP blocked", () => city.cutUdp()],
    ["Firefox, the https port alone", () => city.onlyTcpTo(443, calls)],
  ]) {
    await city.restore();
    await speaks("seoul-1", {}, behind);
    await block();
    const { page, path } = await arrives(how, () => takeSeatInFirefox(firefox, named, "tokyo-1"), behind);
    console.log(`${how}: by ${path}`);
    assert.notEqual(path, "udp");
    await until("Tokyo sees Seoul", () => seesAndHears(page, "seoul-1"));
    await speaks("tokyo-1", { Seoul: speaker }, behind);
    assert.deepEqual(page.problems, []);
    await page.close();
  }
});
