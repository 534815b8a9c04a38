// A mouse that is held still: what lies under it, and clicks that follow each other.

import { pause } from "./until.mjs";

/** The control under a point, by its row and its place among that row's controls; `null` where there is none. */
export const controlAt = (page, { x, y }) =>
  page.evaluate(
    ([x, y]) => {
      const at = document.elementFromPoint(x, y);
      const control = at?.closest("button, select, input, a[href], [role=button]");
      const row = at?.closest(
        "[data-testid^=entry-], [data-testid$=holder], [data-testid=absent-question], [data-testid=point-of-order], [data-testid=console-head], [data-testid=list-controls], .dock",
      );
      const box = control?.getBoundingClientRect();
      return {
        row: row?.dataset.testid?.replace("no-holder", "holder") ?? row?.className ?? null,
        control:
          control && row
            ? [...row.querySelectorAll("button, select, input, a[href], [role=button]")].indexOf(control)
            : null,
        box: box && [box.x, box.y, box.width, box.height].map(Math.round),
      };
    },
    [x, y],
  );

/** Waits until a control takes a press, and puts the pointer on it. */
export async function pointAt(page, locator) {
  await locator.scrollIntoViewIfNeeded();
  await page.waitForFunction(
    (each) => each.getAttribute("aria-disabled") !== "true" && !each.disabled,
    await locator.elementHandle(),
  );
  const box = await locator.boundingBox();
  const point = { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
  await page.mouse.move(point.x, point.y);
  return point;
}

/** Clicks once, and again after a while, without moving the pointer. */
export async function clickTwice(page, ms) {
  await page.mouse.down();
  await page.mouse.up();
  await pause(ms);
  await page.mouse.down();
  await page.mouse.up();
}
