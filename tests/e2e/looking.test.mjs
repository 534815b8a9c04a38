// Looking has no consequences: who opens a link and runs the whole check is nowhere, until the seat is taken.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chooseRoom, installDevices, people, startChromium } from "./lib/browser.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

let server, browser, operator;

const log = async () => server.get("/rooms/climate/events?after=0", operator);
const room = async () => server.get("/rooms/climate", operator);
const attendance = async () => (await server.get("/rooms/climate/proceedings", operator)).attendance;

/** Opens a link and waits for the figures of the network check. */
async function look(person) {
  const page = await browser.context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  await page.addInitScript(installDevices, people[person]);
  await page.goto(await server.link(person));
  await page.getByTestId("seat").waitFor();
  await page.getByTestId("room-climate").click();
  await until(
    `${person}'s network is measured`,
    async () => /Good: .* round trip/.test(await page.getByTestId("network").innerText()),
    20_000,
  );
  return page;
}

before(async () => {
  server = await Server.start();
  browser = await startChromium();
  operator = await server.token("operator-1");
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("a moderator and a delegate who open their links, run the check and leave have left no trace", async () => {
  for (const person of ["moderator-1", "tokyo-1"]) {
    const page = await look(person);
    assert.match(
      await page.getByTestId("network").innerText(),
      /packet loss/,
      "silence was sent, and the server reported on it",
    );
    const { participants, floor } = await room();
    assert.deepEqual([participants, floor.chair], [[], null], `${person} looks`);
    assert.deepEqual(page.problems, []);
    await page.close();
  }
  assert.deepEqual(await log(), []);
  assert.deepEqual(await attendance(), []);
});

test("a check beside one's own seat takes nothing from it", async () => {
  const seated = await look("seoul-1");
  await chooseRoom(seated);
  await until("Seoul is seated", async () => (await room()).participants.length === 1);
  const before = await log();
  const second = await look("seoul-1");
  await second.close();
  assert.deepEqual(await log(), before);
  assert.equal(await seated.getByTestId("connection").innerText(), "Connected");
});

test("the seat is taken by the button, and by nothing before it", async () => {
  const page = await look("taipei-1");
  const before = await log();
  await chooseRoom(page);
  const joined = await until("Taipei has joined", async () =>
    (await log()).slice(before.length).find(({ type }) => type === "participant.joined"),
  );
  assert.equal(joined.participant.person, "taipei-1");
});

test("a browser without WebRTC is told so on the seat page and in the room, and the room's words arrive all the same", async () => {
  const page = await browser.context.newPage();
  await page.addInitScript(() => delete window.RTCPeerConnection);
  await page.goto(await server.link("delhi-1"));
  await page.getByTestId("room-climate").click();
  await page
    .getByTestId("network")
    .getByText(/This browser cannot exchange audio and video/)
    .waitFor();
  await chooseRoom(page);
  await page
    .getByTestId("connection")
    .getByText(/Chrome, Edge, Firefox or Safari/)
    .waitFor();
  await page.getByTestId("main-button").click();
  await until("Delhi asks for the floor", async () =>
    (await server.get("/rooms/climate/floor", operator)).requests.some(({ beneficiary }) => beneficiary === "delhi-1"),
  );
  await page.close();
});
