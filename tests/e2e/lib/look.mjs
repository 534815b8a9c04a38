// What every screen must be, whatever is on it: free of what axe finds in both themes, no wider than the window, legible
// at twice the text, with targets big enough to hit, still when motion is unwanted, and within its own policy.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "@axe-core/playwright";

const AxeBuilder = axe.default ?? axe;
const out = resolve(dirname(fileURLToPath(import.meta.url)), "../../out");

const wide = { width: 1440, height: 900 };
const narrow = { width: 390, height: 844 };
const views = [
  { name: "wide-light", size: wide, checked: true },
  { name: "wide-dark", size: wide, scheme: "dark", checked: true },
  { name: "wide-light-zh", size: wide, language: "zh-Hant-TW" },
  { name: "narrow-light", size: narrow },
  { name: "narrow-dark", size: narrow, scheme: "dark", checked: true },
  { name: "narrow-light-zh", size: narrow, language: "zh-Hant-TW" },
  { name: "tiny-light", size: { width: 320, height: 640 } },
  { name: "huge-light", size: { width: 3840, height: 2160 } },
];

/** Runs in the page before anything else: remembers what its security policy had to stop. */
export function watchPolicy() {
  window.__violations = [];
  addEventListener("securitypolicyviolation", (e) => window.__violations.push(`${e.violatedDirective}: ${e.blockedURI}`));
}

/** Takes the pictures of a screen, and holds it to all of the above. */
export async function look(page, name) {
  await mkdir(out, { recursive: true });
  await page.bringToFront();
  for (const { name: view, size, scheme = "light", language = "en", checked } of views) {
    await page.setViewportSize(size);
    // Without motion: a picture taken in the middle of a change of colours shows neither.
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await speak(page, language);
    await page.screenshot({ path: join(out, `${name}-${view}.png`) });
    await fits(page, `${name} ${view}`);
    if (checked) await passesAxe(page, `${name} ${view}`);
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.setViewportSize(wide);
  await speak(page, "en");
  await isStill(page, name);
  await isBigEnough(page, name);
  await bearsTwiceTheText(page, name);
  assert.deepEqual(await page.evaluate(() => window.__violations ?? []), [], `${name}: the policy had to stop something`);
}

/** Shows the page in a language, which it may have to fetch first. */
async function speak(page, language) {
  const choice = page.locator("select:visible").filter({ has: page.locator('option[value="zh-Hant-TW"]') }).first();
  if ((await choice.inputValue()) === language) return;
  await choice.selectOption(language);
  await page.waitForFunction((tag) => document.documentElement.lang === tag, language);
}

async function passesAxe(page, what) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(" "))]), [], what);
}

async function fits(page, what) {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wider <= 0, `${what}: scrolls sideways by ${wider} px`);
}

/** WCAG 2.5.8: 24 by 24 CSS pixels. */
async function isBigEnough(page, name) {
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("button, select, input, a[href]")]
      .filter((each) => each.checkVisibility() && !each.closest(".skip"))
      .map((each) => ({ what: each.getAttribute("aria-label") ?? each.textContent, ...each.getBoundingClientRect().toJSON() }))
      .filter(({ width, height }) => width < 24 || height < 24)
      .map(({ what, width, height }) => `${what}: ${width} × ${height}`));
  assert.deepEqual(small, [], `${name}: too small to hit`);
}

/** With reduced motion asked for, nothing moves or fades. */
async function isStill(page, name) {
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll("*")]
      .filter((each) => {
        const { transitionDuration, animationName } = getComputedStyle(each);
        return animationName !== "none" || transitionDuration.split(",").some((s) => Number.parseFloat(s) > 0);
      })
      .map((each) => each.className || each.tagName));
  assert.deepEqual(moving, [], `${name}: moves though motion is unwanted`);
}

/** WCAG 1.4.4: text at 200 % stays within the page, and within what it stands on. */
async function bearsTwiceTheText(page, name) {
  const cut = await page.evaluate(async () => {
    document.documentElement.style.fontSize = "200%";
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const lost = [...document.querySelectorAll("button, h1, h2, h3, p, strong, small, td, th, label")]
      .filter((each) => each.checkVisibility() && !each.closest(".hidden, .skip, .scroll") && getComputedStyle(each).overflowX !== "visible")
      .filter((each) => each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1)
      .map((each) => `cut: ${each.textContent}`);
    const wider = document.documentElement.scrollWidth - innerWidth;
    document.documentElement.style.fontSize = "";
    return wider > 0 ? [...lost, `sideways by ${wider} px`] : lost;
  });
  assert.deepEqual(cut, [], `${name}: at twice the text`);
}
