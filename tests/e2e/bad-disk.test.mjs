// A disk that takes two seconds to confirm a write, and one that is full, as people meet them in their pages. A speaker
// goes on being seen and heard; a participant who gives a command gets the reply late, once and in order, or is refused
// with a sentence; nobody is disconnected, and operators see why.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BadDisk } from "./lib/bad-disk.mjs";
import { colourOf, isColourOf, startChromium, takeSeat, audiblePeople } from "./lib/browser.mjs";
import { checkScreen, watchPolicy } from "./lib/screen-checks.mjs";
import { Participant } from "./lib/participant.mjs";
import { Server } from "./lib/server.mjs";
import { pause, until } from "./lib/until.mjs";

let server, browser, tokyo, seoul, operator, chair, delhi, taipei, operators, disk, next;

const health = () => server.get("/health", operators);
const readiness = async () => (await fetch(`${server.ops}/readyz`)).text();
const framesOn = (page) =>
  page.evaluate(() => document.querySelector('[data-testid="stage-video"]').getVideoPlaybackQuality().totalVideoFrames);
const said = (seat, type) => seat.messages.filter((message) => message.type === type);

before(async () => {
  server = await Server.start();
  browser = await startChromium();
  operators = await server.token("operator-1");
  chair = await Participant.join(server, "moderator-1");
  delhi = await Participant.join(server, "delhi-1");
  taipei = await Participant.join(server, "taipei-1");
  tokyo = await takeSeat(browser, server, "tokyo-1");
  seoul = await takeSeat(browser, server, "seoul-1");
  operator = await browser.context.newPage();
  await operator.addInitScript(watchPolicy);
  await operator.goto(await server.link("operator-1"));
  await operator.getByTestId("health").waitFor();
  const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token("tokyo-1"));
  await chair.command("floor.grant", { request: id });
  await until(
    "Seoul sees and hears Tokyo",
    async () =>
      isColourOf(await colourOf(seoul, "stage-video"), "tokyo-1") && (await audiblePeople(seoul)).includes("tokyo-1"),
  );
});

after(async () => {
  await disk?.restore();
  for (const seat of [chair, delhi, taipei]) seat?.close();
  await browser?.close();
  await server?.close();
});

test("while the disk is well the operator's page shows its free space alone", async () => {
  await until("a look at the server", async () => (await operator.getByTestId("disk-free").count()) === 1);
  assert.equal(await operator.getByTestId("server-trouble").count(), 0);
  const { disk: well } = (await health()).server;
  assert.deepEqual([well.state, well.trouble, well.since, well.advice], ["ok", null, null, null]);
  assert.equal(await readiness(), "ready\n");
});

test("a disk that confirms after two seconds keeps commands waiting and nothing else", async () => {
  const closed = await server.metric("plenary_signaling_closed_total");
  disk = await BadDisk.slow(server);
  const began = performance.now();
  const commands = [delhi, taipei, chair].flatMap((seat) =>
    [1, 2, 3, 4].map((n) => seat.command("chat.post", { text: `late ${n}`, to: "room" })),
  );
  // Those who asked first wait for one confirmation, the others for the next, and some for one that was under way.
  const confirmed = Promise.all(commands).then(() => performance.now() - began);
  const asks = Promise.all([delhi.requestFloor(), taipei.requestFloor()]);

  const frames = await framesOn(seoul);
  await pause(1000);
  const shown = (await framesOn(seoul)) - frames;
  assert.ok(shown >= 5, `${shown} frames in a second in which the disk confirmed nothing`);
  assert.ok((await audiblePeople(seoul)).includes("tokyo-1"));
  assert.ok(isColourOf(await colourOf(seoul, "stage-video"), "tokyo-1"));

  const late = await until("the health to say so", async () => {
    const now = await health();
    return now.server.disk.state === "slow" && now;
  });
  assert.match(
    late.server.disk.trouble,
    /the disk of the data folder takes \d\.\d s to confirm a write; commands wait for it/,
  );
  assert.ok(Date.parse(late.server.disk.since) > 0);
  assert.ok(late.server.disk.advice);
  const climate = late.rooms.find(({ room }) => room === "climate");
  assert.ok(
    climate.participants.some(({ person, state }) => person === "tokyo-1" && state === "connected"),
    "with the figures of all who are seated",
  );
  assert.match(await readiness(), /^ready, but the disk of the data folder takes/);
  assert.equal(await server.metric("plenary_journal_slow"), 1);
  const banner = operator.getByTestId("server-trouble");
  await banner.waitFor();
  assert.match(await banner.innerText(), /The disk takes \d(\.\d)? s to confirm a write[\s\S]*Try first:/);
  await until("the log to say so", () => /takes \d\.\d s to confirm a write/.test(server.log));

  assert.ok((await confirmed) >= 1500, "nobody was told before the disk was asked");
  [next] = await asks;
  assert.equal(await server.metric("plenary_signaling_closed_total"), closed, "nobody lost the line");
  for (const page of [tokyo, seoul]) assert.equal(await page.getByTestId("connection").innerText(), "Connected");
  for (const seat of [delhi, taipei, chair]) {
    assert.deepEqual(
      said(seat, "chat.posted")
        .map(({ text }) => text)
        .sort(),
      [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4].map((n) => `late ${n}`),
      "each once",
    );
    const own = said(seat, "chat.posted").filter(({ from }) => from === said(seat, "welcome")[0].you.person);
    assert.deepEqual(
      own.map(({ text }) => text),
      [1, 2, 3, 4].map((n) => `late ${n}`),
      "in order",
    );
    const places = seat.messages
      .filter(({ seq, type }) => seq !== undefined && type !== "welcome")
      .map(({ seq }) => seq);
    assert.deepEqual(
      places,
      places.map((_, at) => places[0] + at),
      "no event twice, none left out",
    );
  }
});

test("a page that joins meanwhile is seated, late", async () => {
  const page = await browser.context.newPage();
  await page.goto(await server.link("operator-1"));
  await page.getByTestId("server-trouble").waitFor();
  await page.close();
  const moderator = await takeSeat(browser, server, "moderator-1");
  await until(
    "the page to be connected",
    async () => (await moderator.getByTestId("connection").innerText()) === "Connected",
    30_000,
  );
  await moderator.close();
});

test("the operator's page passes the checks of every screen in trouble, too", async () => {
  const beats = setInterval(
    () => void delhi.command("chat.post", { text: "still here", to: "room" }).catch(() => undefined),
    1000,
  );
  try {
    await checkScreen(operator, "health-slow-disk");
    assert.equal(await operator.getByTestId("server-trouble").count(), 1);
  } finally {
    clearInterval(beats);
  }
});

test("once the disk is quick again commands are answered at once, and the page lists the incident", async () => {
  await disk.restore();
  await chair.command("floor.accept", { request: next.id });
  assert.equal((await chair.command("floor.next")).beneficiary, "delhi-1");
  await until("nothing to be wrong any more", async () => (await health()).server.disk.state === "ok", 30_000);
  assert.equal(await readiness(), "ready\n");
  assert.equal(await server.metric("plenary_journal_slow"), 0);
  await until("the page to say so", async () => (await operator.getByTestId("server-trouble").count()) === 0);
  assert.match(await operator.locator(".incidents").innerText(), /Server[\s\S]*Slow disk: commands wait · until/);
  await until("the log to say so", () => /well again/.test(server.log));
});

test("on a full disk the page says why a request is refused, the floor stays, and the operator sees it", async () => {
  const held = (await server.get("/rooms/climate/floor", operators)).granted.map(({ id }) => id);
  disk = await BadDisk.full(server);
  await seoul.getByTestId("main-button").click();
  await seoul
    .locator(".refused")
    .getByText(/could not be recorded, because the disk of the data folder is full/)
    .waitFor();
  assert.match(await readiness(), /^the disk of the data folder is full; commands are refused/);
  await operator.getByTestId("server-trouble").getByText("The disk of the data folder is full.").waitFor();
  assert.deepEqual(
    (await server.get("/rooms/climate/floor", operators)).granted.map(({ id }) => id),
    held,
  );
  await checkScreen(operator, "health-full-disk");

  await disk.restore();
  await until("the disk to be tried again, by the server itself", async () => (await readiness()) === "ready\n");
  await seoul.getByTestId("main-button").click();
  await until("the wish to stand", async () =>
    (await server.get("/rooms/climate/floor", operators)).requests.some(({ beneficiary }) => beneficiary === "seoul-1"),
  );
  await until("the page to say so", async () => (await operator.getByTestId("server-trouble").count()) === 0);
});
