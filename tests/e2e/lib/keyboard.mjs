// Hands that have only a keyboard: they go from control to control by Tab, and see where they are.

import assert from "node:assert/strict";

/** What has the focus: its name, and whether the focus can be seen. */
export const focused = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const { outlineStyle, outlineWidth } = getComputedStyle(at);
    const label = at.labels?.[0]?.textContent;
    return {
      name: (at.getAttribute("aria-label") ?? label ?? at.textContent ?? "").trim(),
      visible: outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2,
    };
  });

/** Presses Tab until a control of that name has the focus, which must be visible on every stop of the way. */
export async function reach(page, name, stops = 120) {
  const passed = [];
  for (let stop = 0; stop < stops; stop++) {
    const at = await focused(page);
    if (at) assert.ok(at.visible, `the focus on "${at.name}" cannot be seen`);
    if (at && name.test(at.name)) return at;
    passed.push(at?.name ?? "the page");
    await page.keyboard.press("Tab");
  }
  throw new Error(`no way by Tab to ${name}: ${[...new Set(passed)].join(" | ")}`);
}

/** Goes to a control and presses a key on it. */
export async function press(page, name, key = "Enter") {
  await reach(page, name);
  await page.keyboard.press(key);
}
