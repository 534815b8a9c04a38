// A participant in a real Firefox, driven over WebDriver BiDi.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import puppeteer from "puppeteer-core";
import { installDevices, people } from "./browser.mjs";
import { startSound } from "./sound.mjs";

/**
 * A headless Firefox with its own profile folder and sound card; it asks no permission and plays without a click. It trusts
 * an `authority`, the path of whose certificate is given, and finds every name at `resolvesTo`.
 */
export async function startFirefox({ authority = null, resolvesTo = "" } = {}) {
  const sound = await startSound();
  const profile = await mkdtemp(join(tmpdir(), "plenary-firefox-"));
  if (authority) {
    await run("certutil", ["-N", "--empty-password", "-d", profile]);
    await run("certutil", ["-A", "-n", "Test authority", "-t", "C,,", "-i", authority, "-d", profile]);
  }
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: "/usr/bin/firefox-esr",
    headless: true,
    userDataDir: profile,
    env: { ...process.env, ...sound.env },
    extraPrefsFirefox: {
      "media.navigator.permission.disabled": true,
      "media.navigator.streams.fake": true,
      "media.autoplay.default": 0,
      "media.autoplay.blocking_policy": 0,
      "network.dns.forceResolve": resolvesTo,
      "app.update.enabled": false,
      "network.captive-portal-service.enabled": false,
      "network.connectivity-service.enabled": false,
      "browser.safebrowsing.downloads.remote.enabled": false,
      "datareporting.policy.dataSubmissionEnabled": false,
      "toolkit.telemetry.server": "",
      "services.settings.server": "",
    },
  });
  return {
    browser,
    async close() {
      await browser.close();
      await sound.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

const run = promisify(execFile);
const byId = (id) => `[data-testid="${id}"]`;

/** Opens a person's link and joins `climate`; `probe` runs in the page first, with `given`. */
export async function takeSeatInFirefox(firefox, server, person, probe = () => {}, given = null) {
  const page = await firefox.browser.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  await page.evaluateOnNewDocument(installDevices, people[person]);
  await page.evaluateOnNewDocument(probe, given);
  await page.goto(await server.link(person));
  await page.waitForSelector(byId("seat"));
  const room = await page.$(byId("room-climate"));
  if (room) await room.click();
  await page.waitForSelector(`${byId("take-seat")}:not([disabled])`);
  await page.click(byId("take-seat"));
  await page.waitForSelector(byId("main-button"));
  return page;
}
