// A picture of every screen, from 320 px to 4K, light and dark, in both languages, into tests/out, to be looked at; and
// the checks that every screen has to pass (lib/screen-checks.mjs).

import assert from "node:assert/strict";
import { get } from "node:http";
import { after, before, test } from "node:test";
import { colourOf, installDevices, isColourOf, people, startChromium } from "./lib/browser.mjs";
import { checkScreen, watchPolicy } from "./lib/screen-checks.mjs";
import { Participant } from "./lib/participant.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const FIRST_LOAD_BYTES = 120_000;

const item = (title, minute, kind = "presentations", speakers = "") => `
[[item]]
room = "climate"
title = "${title}"
kind = "${kind}"
starts = 2021-10-12T10:${minute}:00
minutes = 20
speakers = [${speakers}]
`;
const conference =
  conferenceFile() + item("Tokyo: climate change and local government", "00") + item("Discussion", "20", "debate");

let server, browser, moderator, seoul, chair;
const seats = [];

const open = async (person) => {
  const page = await browser.context.newPage();
  await page.addInitScript(watchPolicy);
  await page.addInitScript(installDevices, people[person] ?? { colour: [0, 0, 0], tone: 100 });
  await page.goto(await server.link(person));
  return page;
};
const takeSeat = async (page) => {
  await page.getByTestId("room-climate").click();
  await page.getByTestId("take-seat").click();
  await page.getByTestId("main-button").or(page.getByTestId("next-button")).first().waitFor();
  return page;
};
const say = (path, body = {}) => server.post(`/rooms/climate/${path}`, body, chair);
const ask = async (person, kind = "statement") =>
  server.post("/rooms/climate/floor/requests", { kind }, await server.token(person));
const tab = (page, id) => page.locator(`#tab-${id}`).click();

before(async () => {
  server = await Server.start({ conference });
  browser = await startChromium();
  chair = await server.token("moderator-1");
});

after(async () => {
  for (const seat of seats) seat.close();
  await browser?.close();
  await server?.close();
});

/** What a browser that asks for gzip is sent for a file: its bytes on the wire, and its text. */
const sent = (path) =>
  new Promise((done, fail) => {
    get(new URL(path, server.url), { headers: { "accept-encoding": "gzip" } }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () =>
        done({ bytes: Buffer.concat(chunks).length, packed: response.headers["content-encoding"] === "gzip" }),
      );
    }).on("error", fail);
  });

test("the first load is under 120 kB, compressed, and all of it from this server", async () => {
  const html = await (await fetch(server.url)).text();
  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
  assert.ok(files.length >= 3 && files.every((path) => path.startsWith("./")), files.join(" "));
  const all = await Promise.all(["./", ...files].map(sent));
  const bytes = all.reduce((sum, { bytes }) => sum + bytes, 0);
  assert.ok(bytes < FIRST_LOAD_BYTES, `${bytes} bytes`);
  assert.ok(all.filter(({ packed }) => packed).length >= 3, "page, script and style are compressed");
});

test("the seat page and the device check", async () => {
  seoul = await open("seoul-1");
  await seoul.getByTestId("room-climate").click();
  await until("the network was measured", async () =>
    /round trip/.test(await seoul.getByTestId("network").innerText()),
  );
  await checkScreen(seoul, "seat");
  await seoul.getByRole("button", { name: /join with audio only/ }).click();
  await seoul.reload();
  await seoul.getByText("You will join with audio only.").waitFor();
  await seoul.getByRole("button", { name: "Use a camera" }).click();
  await takeSeat(seoul);
});

test("the room, with a holder on stage and the participant on deck", async () => {
  moderator = await takeSeat(await open("moderator-1"));
  const tokyo = await takeSeat(await open("tokyo-1"));
  seats.push(await Participant.join(server, "delhi-1"), await Participant.join(server, "taipei-1"));
  await say("agenda/climate-1/start");
  for (const person of ["tokyo-1", "seoul-1", "taipei-1", "delhi-1"]) {
    const { id } = await ask(person);
    if (person !== "delhi-1") await say(`floor/requests/${id}/accept`);
  }
  await say("floor/next");
  await until("Tokyo on stage", async () => isColourOf(await colourOf(seoul, "stage-video"), "tokyo-1"));
  await seoul.getByTestId("on-deck").getByTestId("server-level").waitFor();
  await checkScreen(seoul, "room");
  await checkScreen(tokyo, "speaking");
  await tokyo.goBack();
  await tokyo.getByTestId("leave-question").waitFor();
  await checkScreen(tokyo, "leave-question");
  await tokyo.getByRole("button", { name: "Stay in the room" }).click();
});

test("the moderator's console, each of its tabs", async () => {
  await checkScreen(moderator, "console");
  for (const id of ["agenda", "people", "rules"]) {
    await tab(moderator, id);
    await checkScreen(moderator, `console-${id}`);
  }
  await tab(moderator, "order");
});

test("a point of order", async () => {
  await seoul.getByTestId("ask-point_of_order").click();
  await seoul.getByRole("button", { name: "Withdraw: Point of order" }).waitFor();
  await moderator.getByTestId("point-of-order").waitFor();
  await checkScreen(moderator, "point-of-order");
  await moderator.getByRole("button", { name: /^Overrule: Seoul delegate$/ }).click();
  await seoul.getByTestId("ask-point_of_order").waitFor();
});

test("a roll call and its result", async () => {
  const { id } = await say("decisions", {
    kind: "roll_call",
    question: "Adopt the joint statement on early warning as circulated?",
  });
  await seats[0].command("decision.vote", { decision: id, choice: "yes" });
  await seats[1].command("decision.vote", { decision: id, choice: "no" });
  await seoul.getByTestId("tally").waitFor();
  await checkScreen(seoul, "vote");
  await seoul.getByRole("button", { name: "Yes" }).click();
  await until(
    "Seoul's vote counts",
    async () => (await server.get("/rooms/climate", chair)).decisions[0].tally.yes === 2,
  );
  await say(`decisions/${id}/close`);
  await tab(moderator, "decisions");
  await moderator.getByTestId("decisions").getByText("Adopted").waitFor();
  await checkScreen(moderator, "decisions");
});

test("the operator's page", async () => {
  const page = await open("operator-1");
  await page.getByTestId("health").waitFor();
  await until("every seat has figures", async () => (await page.getByTestId("health").innerText()).includes("Tokyo"));
  await checkScreen(page, "health");
});

test("a link that is invalid says so in a sentence", async () => {
  const page = await browser.context.newPage();
  await page.goto(`${server.url}/#i=not-an-invitation`);
  await page.locator("main [role=alert]").waitFor();
  await checkScreen(page, "bad-link");
});
