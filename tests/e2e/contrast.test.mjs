// The contrast of every screen in every state of its controls: at rest, under the pointer, focused, pressed, disabled; in the
// light and the dark theme, and with more contrast. Axe sees only what is at rest.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { installDevices, people, startChromium } from "./lib/browser.mjs";
import { checkContrast } from "./lib/contrast.mjs";
import { Participant } from "./lib/participant.mjs";
import { closeMenus, openMenu } from "./lib/room-page.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const conference = `${conferenceFile({ floor: 'reconnect_grace = "10m"' })}
[[item]]
room = "climate"
title = "Early warning"
kind = "debate"
starts = 2021-10-12T10:00:00
minutes = 40
`;

const themes = [
  { colorScheme: "light" },
  { colorScheme: "dark" },
  { colorScheme: "light", contrast: "more" },
  { colorScheme: "dark", contrast: "more" },
  { forcedColors: "active" },
];

let server, browser, moderator, seoul, tokyo, chair;
const seats = [];

const open = async (person) => {
  const page = await browser.context.newPage();
  await page.addInitScript(installDevices, people[person] ?? { colour: [0, 0, 0], tone: 100 });
  await page.goto(await server.link(person));
  return page;
};
const takeSeat = async (page) => {
  await page.getByTestId("room-climate").click();
  await page.getByTestId("take-seat").click();
  await page.getByTestId("shell").waitFor();
  return page;
};
const say = (path, body = {}) => server.post(`/rooms/climate/${path}`, body, chair);

/** Measures the page in every theme. Without motion, because a colour on its way is neither of the two. */
async function walk(page, what) {
  await page.bringToFront();
  for (const theme of themes) {
    await page.emulateMedia({
      colorScheme: "light",
      contrast: "no-preference",
      forcedColors: "none",
      reducedMotion: "reduce",
      ...theme,
    });
    await checkContrast(page, `${what}, ${Object.values(theme).join(" and ")}`);
  }
  await page.emulateMedia({
    colorScheme: "light",
    contrast: "no-preference",
    forcedColors: "none",
    reducedMotion: "reduce",
  });
}

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

test("the measure finds what was too faint: a text under the pointer, a boundary, a focus", async () => {
  const page = await browser.context.newPage();
  const faint = `<style>button { color: #17406f; background: #fff; border: 1px solid #bbb; outline: none; } button:hover { background: #2a5280; } button:focus { outline: 3px solid #ddd; }</style><button>Withdraw</button>`;
  await page.setContent(faint);
  await assert.rejects(checkContrast(page, "faint"), ({ actual }) =>
    ["boundary of button", 'hover: button. "Withdraw"', "focus of button"].every((part) =>
      actual.some((fault) => fault.includes(part)),
    ),
  );
  await page.close();
});

test("the seat page", async () => {
  seoul = await open("seoul-1");
  await seoul.getByTestId("room-climate").click();
  await walk(seoul, "seat");
});

test("a delegate's room: alone, in the list, on deck, with each menu", async () => {
  await takeSeat(seoul);
  await seoul.getByTestId("main-button").waitFor();
  await walk(seoul, "room");
  for (const id of ["devices", "layout", "sound", "requests", "help"]) {
    await openMenu(seoul, id);
    await walk(seoul, `menu ${id}`);
    await closeMenus(seoul);
  }
  moderator = await takeSeat(await open("moderator-1"));
  tokyo = await takeSeat(await open("tokyo-1"));
  for (const person of ["delhi-1", "taipei-1"]) seats.push(await Participant.join(server, person));
  for (const person of ["tokyo-1", "seoul-1", "taipei-1", "delhi-1"]) {
    const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token(person));
    if (person !== "delhi-1") await say(`floor/requests/${id}/accept`);
  }
  await say("agenda/climate-1/start");
  await say("floor/next");
  await seoul.getByTestId("on-deck").waitFor();
  await walk(seoul, "on deck");
});

test("the speaker's room, also muted by the chair", async () => {
  await until("Tokyo has the floor", async () =>
    /You have the floor/.test(await tokyo.getByTestId("main-button").innerText()),
  );
  await walk(tokyo, "speaking");
  await say("participants/tokyo-1/mute", { on: true });
  await tokyo.getByRole("button", { name: "Muted by the chair" }).waitFor();
  await walk(tokyo, "muted");
});

test("the console, each of its tabs, and chair priority while it is held", async () => {
  for (const id of ["order", "agenda", "decisions", "people", "rules", "chat"]) {
    await moderator.locator(`#tab-${id}`).click();
    await walk(moderator, `console ${id}`);
  }
  await moderator.getByTestId("priority").hover();
  await moderator.mouse.down();
  await until(
    "the chair has priority",
    async () => (await moderator.getByTestId("priority").getAttribute("aria-pressed")) === "true",
  );
  await walk(moderator, "chair priority");
  await moderator.mouse.up();
});

test("what is recorded: the sign and the switch, a preview, and the player beside the room", async () => {
  await say("record/start");
  await seoul.getByTestId("recording-sign").waitFor();
  await walk(seoul, "recorded");
  const film = join(server.folder, "film.webm");
  const words = ["-f", "lavfi", "-i", "color=s=160x90:r=5:d=2", "-f", "lavfi", "-i", "anullsrc=d=2"];
  await promisify(execFile)("ffmpeg", [
    "-v",
    "error",
    ...words,
    "-c:v",
    "libvpx",
    "-c:a",
    "libopus",
    "-shortest",
    film,
  ]);
  const added = await fetch(`${server.url}/api/v1/media?name=Address`, {
    method: "POST",
    headers: { authorization: `Bearer ${chair}`, "content-type": "video/webm" },
    body: await readFile(film),
  });
  assert.equal(added.status, 201);
  await moderator.locator("#tab-agenda").click();
  await moderator.getByTestId("recordings").locator("summary").click();
  await moderator
    .getByRole("button", { name: /Preview/ })
    .first()
    .click();
  await moderator.getByText("There is nothing to hear.").waitFor();
  await walk(moderator, "preview");

  const { speeches } = await server.get("/rooms/climate/proceedings", chair);
  const [{ request: speech, person: participant, began }] = speeches;
  const from = began.utc;
  const facts = { from, to: new Date(Date.parse(from) + 60_000).toISOString(), duration_ms: 60_000, languages: ["ja"] };
  const answers = {
    speeches: [{ ...facts, speech, participant, has_picture: true, name: "r1.webm", url: "/recordings/gone" }],
    sittings: [{ ...facts, bytes: 1e9, name: "sitting.webm", url: "/recordings/gone" }],
    recordings: [],
  };
  await moderator.route("**/rooms/climate/recordings**", (route) =>
    route.fulfill({ json: answers[new URL(route.request().url()).pathname.split("/").at(-1)] }),
  );
  await moderator.getByRole("button", { name: "Proceedings" }).click();
  await moderator.getByTestId("play-at").first().click();
  await moderator.getByTestId("player-failed").waitFor();
  await walk(moderator, "player");
  await moderator.keyboard.press("Escape");
  await say("record/stop");
});

test("a point of order, a vote, and a small window", async () => {
  await seats[1].requestFloor({ kind: "point_of_order" });
  await moderator.getByTestId("point-of-order").waitFor();
  await walk(moderator, "point of order");
  await moderator
    .getByRole("button", { name: /^Overrule/ })
    .first()
    .click();
  await say("decisions", { kind: "roll_call", question: "Adopt the joint statement?" });
  await seoul.getByTestId("open-decision").waitFor();
  await walk(seoul, "vote");
  await seoul.getByRole("button", { name: "Yes" }).click();
  await seoul.setViewportSize({ width: 390, height: 844 });
  await openMenu(seoul, "more");
  await walk(seoul, "more");
});
