// Checks that every screen has to pass: no findings of axe in both themes, no wider than the window, legible at twice the
// text size, targets that are big enough, no motion when reduced motion is wanted, and no violation of its own policy.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "@axe-core/playwright";
import { chooseLanguage } from "./room-page.mjs";

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

/** Runs in the page first: records the violations of its content security policy. */
export function watchPolicy() {
  window.__violations = [];
  addEventListener("securitypolicyviolation", (e) =>
    window.__violations.push(`${e.violatedDirective}: ${e.blockedURI}`),
  );
}

/** Takes the pictures of a screen, and runs all checks on it. */
export async function checkScreen(page, name) {
  await mkdir(out, { recursive: true });
  await page.bringToFront();
  for (const { name: view, size, scheme = "light", language = "en", checked } of views) {
    await page.setViewportSize(size);
    // Without motion, so that no picture is taken in the middle of a transition.
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await chooseLanguage(page, language);
    await page.screenshot({ path: join(out, `${name}-${view}.png`) });
    await checkWidth(page, `${name} ${view}`);
    if (checked) await checkAxe(page, `${name} ${view}`);
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.setViewportSize(wide);
  await chooseLanguage(page, "en");
  await checkMotion(page, name);
  await checkTargetSize(page, name);
  await checkLargeText(page, name);
  assert.deepEqual(
    await page.evaluate(() => window.__violations ?? []),
    [],
    `${name}: violations of the content security policy`,
  );
}

/** Takes a picture of a screen as it is now, and runs the checks of one view: for a menu, which closes when another opens. */
export async function checkView(page, name) {
  await mkdir(out, { recursive: true });
  await page.bringToFront();
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.screenshot({ path: join(out, `${name}.png`) });
  await checkWidth(page, name);
  await checkAxe(page, name);
  await checkTargetSize(page, name);
}

async function checkAxe(page, what) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(
    violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(" "))]),
    [],
    what,
  );
}

async function checkWidth(page, what) {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wider <= 0, `${what}: scrolls sideways by ${wider} px`);
}

/** WCAG 2.5.8: 24 by 24 CSS pixels. */
async function checkTargetSize(page, name) {
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("button, select, input, a[href]")]
      .filter((each) => each.checkVisibility() && !each.closest(".skip"))
      .map((each) => ({
        what: each.getAttribute("aria-label") ?? each.textContent,
        ...each.getBoundingClientRect().toJSON(),
      }))
      .filter(({ width, height }) => width < 24 || height < 24)
      .map(({ what, width, height }) => `${what}: ${width} × ${height}`),
  );
  assert.deepEqual(small, [], `${name}: too small to hit`);
}

/** With reduced motion, nothing moves or fades. */
async function checkMotion(page, name) {
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll("*")]
      .filter((each) => {
        const { transitionDuration, animationName } = getComputedStyle(each);
        return animationName !== "none" || transitionDuration.split(",").some((s) => Number.parseFloat(s) > 0);
      })
      .map((each) => each.className || each.tagName),
  );
  assert.deepEqual(moving, [], `${name}: moves although reduced motion is wanted`);
}

/** WCAG 1.4.4: text at 200 % stays within the page and its own element; `within` is the part that is looked at. */
export async function checkLargeText(page, name, within = "body") {
  const cut = await page.evaluate(async (part) => {
    document.documentElement.style.fontSize = "200%";
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const lost = [
      ...document.querySelector(part).querySelectorAll("button, h1, h2, h3, p, strong, small, td, th, label"),
    ]
      .filter(
        (each) =>
          each.checkVisibility() &&
          !each.closest(".hidden, .skip, .scroll") &&
          getComputedStyle(each).overflowX !== "visible",
      )
      .filter((each) => each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1)
      .map(
        (each) =>
          `cut: ${each.textContent} (${each.scrollWidth} × ${each.scrollHeight} in ${each.clientWidth} × ${each.clientHeight})`,
      );
    const wider = document.documentElement.scrollWidth - innerWidth;
    document.documentElement.style.fontSize = "";
    return wider > 0 ? [...lost, `sideways by ${wider} px`] : lost;
  }, within);
  assert.deepEqual(cut, [], `${name}: at twice the text`);
}
