// A city whose firewall blocks UDP: the page finds ICE-TCP by itself, and where that is blocked too there is the relay.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { audiblePeople, colourOf, isColourOf, startChromium, takeSeat } from "./lib/browser.mjs";
import { Participant } from "./lib/participant.mjs";
import { RemoteNetwork } from "./lib/remote-network.mjs";
import { Server } from "./lib/server.mjs";
import { testCertificate } from "./lib/test-ca.mjs";
import { until } from "./lib/until.mjs";

let city, server, here, there, seoul, chair;

const grant = async (person) => {
  const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token(person));
  await server.post(`/rooms/climate/floor/requests/${id}/grant`, {}, chair);
  return id;
};
const revoke = (id) => server.post(`/rooms/climate/floor/requests/${id}/revoke`, {}, chair);
const seesAndHears = async (page, person) =>
  isColourOf(await colourOf(page, "stage-video"), person) && (await audiblePeople(page)).includes(person);
/** The kind of path of a participant, as the health page has it. */
const kindOf = async (person) => {
  const { participants } = await server.get("/rooms/climate/health", await server.token("operator-1"));
  return participants.find((seat) => seat.person === person)?.ice_path?.split(" ")[0];
};

before(async () => {
  city = await RemoteNetwork.create();
  server = await Server.start({ host: city.host, addresses: [city.host] });
  here = await startChromium({ origin: server.url });
  there = await startChromium({ origin: server.url, executable: city.browser });
  chair = await server.token("moderator-1");
  seoul = await takeSeat(here, server, "seoul-1");
});

after(async () => {
  await there?.close();
  await here?.close();
  await server?.close();
  await city?.close();
});

test("with UDP blocked a city sees and hears, and is seen and heard, by TCP to the media port", async () => {
  await city.cutUdp();
  const ofSeoul = await grant("seoul-1");
  const begin = performance.now();
  const tokyo = await takeSeat(there, server, "tokyo-1");
  await until("Tokyo hears Seoul", async () => (await audiblePeople(tokyo)).includes("seoul-1"));
  const ms = Math.round(performance.now() - begin);
  console.log(`UDP blocked: first sound by ICE-TCP ${ms} ms after the page was opened`);
  await until("Tokyo sees and hears Seoul", () => seesAndHears(tokyo, "seoul-1"));
  assert.equal(await kindOf("tokyo-1"), "tcp");
  await revoke(ofSeoul);
  const ofTokyo = await grant("tokyo-1");
  await until("Seoul sees and hears Tokyo", () => seesAndHears(seoul, "tokyo-1"));
  assert.equal(await kindOf("seoul-1"), "udp");
  await revoke(ofTokyo);
  assert.deepEqual(tokyo.problems, []);
  await tokyo.close();
});

/** Runs in the page: an offer of one line of sound, through the relays only. */
async function offerByRelay(iceServers) {
  const peer = (globalThis.peer = new RTCPeerConnection({ iceServers, iceTransportPolicy: "relay" }));
  peer.addTransceiver("audio", { direction: "recvonly" });
  await peer.setLocalDescription(await peer.createOffer());
  return peer.localDescription.sdp;
}

/** Runs in the page: takes the answer; resolves with the milliseconds until sound arrives. */
async function soundAfter(answer) {
  const { peer } = globalThis;
  const begin = performance.now();
  await peer.setRemoteDescription({ type: "answer", sdp: answer });
  for (;;) {
    const stats = [...(await peer.getStats()).values()];
    if (stats.some(({ type, packetsReceived }) => type === "inbound-rtp" && packetsReceived > 0))
      return performance.now() - begin;
    await new Promise((done) => setTimeout(done, 20));
  }
}

for (const transport of ["tcp", "udp"]) {
  test(`a browser that uses nothing but the relay hears by TURN over ${transport}`, async () => {
    if (transport === "tcp") await city.cutUdp();
    const speech = await grant("seoul-1");
    const page = await there.context.newPage();
    await page.goto(server.url);
    const first = await Participant.join(server, "delhi-1");
    const [relay] = first.messages.find(({ type }) => type === "welcome").ice_servers;
    first.close();
    // By UDP the relay is not named, and answers all the same.
    assert.equal(relay.urls[0], `turn:${city.host}:${server.ready.media.split(":").at(-1)}?transport=tcp`);
    const urls = [relay.urls[0].replace(/tcp$/, transport)];
    const offer = await page.evaluate(offerByRelay, [{ ...relay, urls }]);
    const delegate = await Participant.join(server, "delhi-1", "climate", { offer });
    const { answer } = delegate.messages.find(({ type }) => type === "welcome");
    const ms = await page.evaluate(soundAfter, answer);
    console.log(`first sound by TURN over ${transport} ${Math.round(ms)} ms after the answer`);
    assert.equal(await kindOf("delhi-1"), `turn-${transport}`);
    delegate.close();
    await page.close();
    await revoke(speech);
    await city.restore();
  });
}

/** The results of the page's test of each path, once it has them. */
const pathsOf = async (page) => {
  const rows = await until(
    "each path was tested",
    async () => {
      const all = page.locator("[data-path]");
      const found = await all.evaluateAll((rows) => rows.map(({ dataset }) => ({ ...dataset })));
      return found.length > 0 && found;
    },
    40_000,
  );
  return Object.fromEntries(rows.map(({ path, works }) => [path, works === "true"]));
};

test("the check link tests each path for everybody, takes no seat, and shows nothing of the conference", async () => {
  await city.cutUdp();
  const operator = await server.token("operator-1");
  const peopleIn = async (room) =>
    (await server.get(`/rooms/${room}`, operator)).participants.map(({ person }) => person).sort();
  const before = await peopleIn("climate");
  const link = await server.checkLink();
  const asked = [];
  for (const [browser, udp] of [
    [here, true],
    [there, false],
  ]) {
    const page = await browser.context.newPage();
    page.on("response", (response) => asked.push(new URL(response.url()).pathname));
    await page.goto(link);
    await page.getByTestId("check-page").waitFor();
    assert.deepEqual(await pathsOf(page), { udp, tcp: true, relay_tcp: true });
    const says = await page.getByTestId("check-page").innerText();
    assert.match(says, /Conference under test/);
    assert.match(says, /This link can be used until \w+/);
    for (const name of ["Seoul", "Tokyo", "Climate", "COVID"]) assert.ok(!says.includes(name), name);
    assert.equal(await page.getByTestId("take-seat").count(), 0);
    assert.equal(await page.getByTestId("letter").count(), udp ? 0 : 1);
    assert.deepEqual(await peopleIn("covid"), [], "a room in which nobody has been shows nobody");
    assert.deepEqual(await peopleIn("climate"), before, "and the other one whom it showed before");
    await page.reload();
    await page.getByTestId("check-page").waitFor();
    await page.close();
  }
  const api = asked.filter((path) => path.includes("/api/"));
  assert.deepEqual([...new Set(api)], ["/api/v1/invitations/redeem"], "no other question is asked");
  assert.deepEqual(await server.get("/rooms/covid/events?after=0", operator), []);
  await city.restore();
});

test("with the https port alone a city sees and hears by the relay over TLS, and its check says what to open", async (t) => {
  for (const browser of [there, here]) await browser.close();
  const folder = await mkdtemp(join(tmpdir(), "plenary-paths-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { certificate, key } = await testCertificate(folder);
  const secure = await Server.start({
    host: city.host,
    addresses: [city.host],
    environment: {
      PLENARY_LISTEN__HTTPS: `${city.host}:0`,
      PLENARY_TLS__CERTIFICATE: certificate,
      PLENARY_TLS__KEY: key,
    },
  });
  t.after(() => secure.close());
  const pages = {
    link: async (person) => (await secure.link(person)).replace(secure.url, `https://${secure.ready.https}`),
  };
  const near = await startChromium({ anyCertificate: true });
  t.after(() => near.close());
  const far = await startChromium({ executable: city.browser, anyCertificate: true });
  t.after(() => far.close());

  await takeSeat(near, pages, "seoul-1");
  const { id } = await secure.post("/rooms/climate/floor/requests", {}, await secure.token("seoul-1"));
  await secure.post(`/rooms/climate/floor/requests/${id}/grant`, {}, await secure.token("moderator-1"));
  await city.cutMedia(secure);

  const check = await far.context.newPage();
  await check.goto(await pages.link("delhi-1"));
  assert.deepEqual(await pathsOf(check), { udp: false, tcp: false, relay_tcp: false, relay_tls: true });
  const media = `${city.host}:${secure.ready.media.split(":").at(-1)}`;
  const letter = await check.getByTestId("letter").inputValue();
  assert.match(letter, new RegExp(`UDP to ${media}\\n.*TCP to ${media}`));
  await check.close();

  const delhi = await takeSeat(far, pages, "delhi-1");
  const begin = performance.now();
  await until("Delhi hears Seoul", async () => (await audiblePeople(delhi)).includes("seoul-1"));
  console.log(`the https port alone: first sound ${Math.round(performance.now() - begin)} ms after the room was shown`);
  await until("Delhi sees and hears Seoul", () => seesAndHears(delhi, "seoul-1"));
  const { participants } = await secure.get("/rooms/climate/health", await secure.token("operator-1"));
  assert.match(participants.find(({ person }) => person === "delhi-1").ice_path, /^turn-tls /);
  assert.deepEqual(delhi.problems, []);
  await city.restore();
});
