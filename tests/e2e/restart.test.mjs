// The server is stopped and started again: a rolling restart. It announces that to everyone, takes no more commands,
// closes with 1001 and exits 0 within five seconds; and nobody loses a seat, a place in the order or the floor.

import assert from "node:assert/strict";
import { readdir, rm } from "node:fs/promises";
import { after, before, test } from "node:test";
import { colourOf, isColourOf, startChromium, takeSeat, audiblePeople } from "./lib/browser.mjs";
import { Crowd, seededRandom, crowdConference } from "./lib/crowd.mjs";
import { ReturningParticipant } from "./lib/returning-participant.mjs";
import { Server } from "./lib/server.mjs";
import { pause, until } from "./lib/until.mjs";

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const random = seededRandom(seed);
const servers = [];
const closing = [];

const start = async (how) => {
  const server = await Server.start(how);
  servers.push(server);
  return server;
};

/** Stops the server, which has to end within five seconds with the exit code 0. */
async function end(server) {
  const asked = performance.now();
  const { code } = await server.stop();
  const took = performance.now() - asked;
  assert.equal(code, 0);
  assert.ok(took <= 5000, `${took} ms`);
}

before(() => ReturningParticipant.build());

after(async () => {
  for (const close of closing) await close();
  for (const server of servers) await server.close();
});

test("thirty people who command all the time are told, closed with 1001, and find every acknowledged command again", async () => {
  console.log(`seed ${seed}`);
  const server = await start({ conference: crowdConference() });
  const crowd = await Crowd.join(server);
  closing.push(() => crowd.leave());
  const speaker = await ReturningParticipant.start(server, "stage-1-1", "stage");
  const listener = await ReturningParticipant.start(server, "stage-2-1", "stage", ["--listen"]);
  closing.push(
    () => speaker.stop(),
    () => listener.stop(),
  );
  const chair = await server.token("stage-chair");
  const { id } = await server.post("/rooms/stage/floor/requests", {}, await server.token("stage-1-1"));
  await server.post(`/rooms/stage/floor/requests/${id}/grant`, {}, chair);
  await listener.firstPacket();
  for (let round = 0; round < 3; round++) {
    const acting = crowd.sendCommands(random);
    await pause(200 + random() * 300);
    const again = [listener.firstPacket(), speaker.joined(), listener.joined()];
    await end(server);
    await acting;
    for (const { person, closeCode, events } of crowd.members) {
      assert.equal(closeCode, 1001, person);
      assert.equal(events.at(-1)?.type, "room.draining", `${person} was told, and of nothing after that`);
    }
    await server.restart();
    await crowd.assertNothingLost(random);
    const [, ...seated] = await Promise.all(again);
    for (const { resumed } of seated) assert.equal(resumed, true, "with sound and picture, and from where it was");
    const { granted } = await server.get("/rooms/stage/floor", await server.token("stage-chair"));
    assert.deepEqual(
      granted.map((held) => [held.beneficiary, held.substate ?? "live"]),
      [["stage-1-1", "live"]],
    );
  }
});

/** Runs in the page before anything else: what each of its WebSockets was told, in order. */
function keepWhatIsTold() {
  window.__told = [];
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...args) {
      super(...args);
      const told = [];
      window.__told.push(told);
      this.addEventListener("message", ({ data }) => told.push(JSON.parse(data)));
    }
  };
}

/** Takes a seat; of the check before that, which has a WebSocket of its own, nothing is kept. */
async function sit(browser, server, person) {
  const page = await takeSeat(browser, server, person, keepWhatIsTold);
  await page.evaluate(() => (window.__told = window.__told.slice(-1)));
  return page;
}

const told = (page) => page.evaluate(() => window.__told.flat());
const welcomes = async (page) =>
  (await told(page))
    .filter(({ type }) => type === "welcome")
    .map(({ resumed, room }) => (resumed ? "resumed" : room && "the room"));
/** The events that a page was told, in the order in which it knows them. */
const places = async (page) =>
  (await told(page))
    .slice(1)
    .flatMap((message) => message.events ?? [message])
    .map(({ seq, type }) => (type === "welcome" ? undefined : seq))
    .filter((seq) => seq !== undefined);

test("three pages come back by themselves: the same holder seen and heard, the same order, nothing shown twice, nothing left out", async () => {
  const server = await start();
  const browser = await startChromium();
  closing.push(() => browser.close());
  const [tokyo, seoul, delhi] = await Promise.all(
    ["tokyo-1", "seoul-1", "delhi-1"].map((person) => sit(browser, server, person)),
  );
  let chair = await server.token("moderator-1");
  const say = (path, body = {}) => server.post(`/rooms/climate/floor/${path}`, body, chair);
  for (const person of ["tokyo-1", "seoul-1", "delhi-1"]) {
    const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token(person));
    await say(`requests/${id}/accept`);
  }
  await say("next");
  const seesAndHears = async (page, person) =>
    isColourOf(await colourOf(page, "stage-video"), person) && (await audiblePeople(page)).includes(person);
  await until("Delhi sees and hears Tokyo", () => seesAndHears(delhi, "tokyo-1"));
  await seoul.locator("#tab-chat").click();
  const chat = async (page, text) => {
    await page.getByPlaceholder(/message/i).fill(text);
    await page.getByPlaceholder(/message/i).press("Enter");
  };
  await chat(seoul, "Before the restart.");
  await delhi.locator("#tab-chat").click();
  await until("Delhi reads it", async () => (await delhi.getByText("Before the restart.").count()) === 1);
  const before = await server.get("/rooms/climate/floor", chair);

  // It is said until the connection ends, which may be a moment later.
  await delhi.evaluate(() => {
    window.__said = [];
    const note = () => window.__said.push(document.body.innerText);
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await end(server);
  await until("the page to say so", () =>
    delhi.evaluate(() => window.__said.some((text) => text.includes("The server is restarting."))),
  );
  await until("the page to say that the place is kept", async () =>
    /Your place is kept \(2nd\)/.test(await delhi.getByTestId("connection").innerText()),
  );
  await server.restart();
  chair = await server.token("moderator-1");
  const all = [
    ["tokyo-1", tokyo],
    ["seoul-1", seoul],
    ["delhi-1", delhi],
  ];
  await until(
    "all to be seated again",
    async () => {
      const { participants } = await server.get("/rooms/climate", chair);
      return all.every(([id]) => participants.some(({ person, state }) => person === id && state === "seated"));
    },
    30_000,
  );
  await until("Delhi to see and hear Tokyo again", () => seesAndHears(delhi, "tokyo-1"), 20_000);
  const now = await server.get("/rooms/climate/floor", chair);
  assert.deepEqual(
    [now.granted, now.requests].map((them) => them.map(({ id }) => id)),
    [before.granted, before.requests].map((them) => them.map(({ id }) => id)),
  );
  assert.equal(now.granted[0].substate, "live");
  await chat(seoul, "After the restart.");
  await until("Delhi reads it", async () => (await delhi.getByText("After the restart.").count()) === 1);
  assert.equal(await delhi.getByText("Before the restart.").count(), 1, "once");
  for (const [person, page] of all) {
    const seen = await places(page);
    assert.deepEqual(
      seen,
      seen.map((_, at) => seen[0] + at),
      `${person}: every event once, in order`,
    );
    assert.deepEqual(await welcomes(page), ["the room", "resumed"], `${person}: one seat, and one way back to it`);
    assert.deepEqual(page.problems, []);
  }
});

test("a page whose session is unknown gets a new snapshot of the room", async () => {
  const [, server] = servers;
  const browser = await startChromium();
  closing.push(() => browser.close());
  const taipei = await sit(browser, server, "taipei-1");
  await server.stop();
  // A new data folder, but for the key that made the invitations.
  for (const name of await readdir(`${server.folder}/data`)) {
    if (name.startsWith("journal.db")) await rm(`${server.folder}/data/${name}`);
  }
  await server.restart("SIGTERM", "--begin-anew");
  await until(
    "Taipei is seated",
    async () => {
      const { participants } = await server.get("/rooms/climate", await server.token("moderator-1"));
      return participants.some(({ person, state }) => person === "taipei-1" && state === "seated");
    },
    30_000,
  );
  await until(
    "the page shows it",
    async () => (await taipei.getByTestId("connection").innerText()) === "Connected",
    20_000,
  );
  assert.deepEqual(await welcomes(taipei), ["the room", "the room"]);
  await taipei.getByTestId("main-button").click();
  await until("it can ask for the floor", async () =>
    (await server.get("/rooms/climate/floor", await server.token("moderator-1"))).requests.some(
      ({ beneficiary }) => beneficiary === "taipei-1",
    ),
  );
});
