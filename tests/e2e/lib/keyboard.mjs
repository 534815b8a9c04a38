// A user with only a keyboard, who goes from control to control by Tab and has to see the focus.

import assert from "node:assert/strict";

/** The name of the focused control, and whether its focus is visible. */
export const focused = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const { outlineStyle, outlineWidth } = getComputedStyle(at);
    const by = document.getElementById(at.getAttribute("aria-labelledby") ?? "")?.textContent;
    const label = by ?? at.labels?.[0]?.textContent;
    return {
      name: (at.getAttribute("aria-label") ?? label ?? at.textContent ?? "").trim(),
      visible: outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2,
    };
  });

/** Presses Tab until a control of that name has the focus, which has to be visible at every stop. */
export async function reach(page, name, stops = 120) {
  const passed = [];
  for (let stop = 0; stop < stops; stop++) {
    const at = await focused(page);
    if (at) assert.ok(at.visible, `the focus on "${at.name}" cannot be seen`);
    if (at && name.test(at.name)) return at;
    passed.push(at?.name ?? "the page");
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${name}: ${[...new Set(passed)].join(" | ")}`);
}

/** Waits until the focused control takes a press again: the buttons of the order rest after each change. */
export const awake = (page) =>
  page.waitForFunction(() => document.activeElement?.getAttribute("aria-disabled") !== "true");

/** Goes to a control and presses a key on it. */
export async function press(page, name, key = "Enter") {
  await reach(page, name);
  await awake(page);
  await page.keyboard.press(key);
}
