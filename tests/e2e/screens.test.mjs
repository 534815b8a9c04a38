// A picture of every screen, wide and narrow, light and dark, into tests/out, to be looked at; and axe on each.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import axe from "@axe-core/playwright";
import { chooseRoom, installDevices, isColourOf, colourOf, people, startChromium, takeSeat } from "./lib/browser.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const AxeBuilder = axe.default ?? axe;
const out = resolve(dirname(fileURLToPath(import.meta.url)), "../out");
const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };

let server, browser, moderator, seoul, chair;

const pictures = async (page, name) => {
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      await page.setViewportSize(viewport);
      // Without motion: a picture taken in the middle of a change of colours shows neither.
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.screenshot({ path: join(out, `${name}-${size}-${colorScheme}.png`) });
      const { violations } = await new AxeBuilder({ page }).analyze();
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(" "))]), [], `${name} ${size} ${colorScheme}`);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wider <= 0, `${name} ${size}: scrolls sideways by ${wider} px`);
    }
  }
  await page.setViewportSize(sizes.wide);
};

before(async () => {
  await mkdir(out, { recursive: true });
  server = await Server.start();
  browser = await startChromium();
  chair = await server.token("moderator-1");
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("your seat and the check", async () => {
  const page = await browser.context.newPage();
  await page.addInitScript(installDevices, people["seoul-1"]);
  await page.goto(await server.link("seoul-1"));
  await page.getByTestId("take-seat").waitFor();
  await pictures(page, "seat");
  await chooseRoom(page);
  seoul = page;
});

test("the room, with somebody on stage and others in the order", async () => {
  moderator = await takeSeat(browser, server, "moderator-1");
  const tokyo = await takeSeat(browser, server, "tokyo-1");
  await takeSeat(browser, server, "delhi-1");
  for (const person of ["tokyo-1", "seoul-1", "delhi-1"]) {
    const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token(person));
    if (person !== "delhi-1") await server.post(`/rooms/climate/floor/requests/${id}/accept`, {}, chair);
  }
  await server.post("/rooms/climate/floor/next", {}, chair);
  await seoul.bringToFront();
  await until("Tokyo on stage", async () => isColourOf(await colourOf(seoul, "stage-video"), "tokyo-1"));
  await pictures(seoul, "room");
  await tokyo.bringToFront();
  await pictures(tokyo, "speaking");
});

test("the moderator's console", async () => {
  await moderator.bringToFront();
  await pictures(moderator, "console");
});

test("the operator's page", async () => {
  const page = await browser.context.newPage();
  await page.addInitScript(installDevices, { colour: [0, 0, 0], tone: 100 });
  await page.goto(await server.link("operator-1"));
  await page.getByTestId("health").waitFor();
  await until("every seat has figures", async () => (await page.getByTestId("health").innerText()).includes("Tokyo"));
  await pictures(page, "health");
});

test("a link that is no good says so in a sentence", async () => {
  const page = await browser.context.newPage();
  await page.goto(`${server.url}/#i=not-an-invitation`);
  await page.getByRole("alert").waitFor();
  await pictures(page, "bad-link");
});
