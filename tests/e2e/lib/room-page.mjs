// The room's page as a test uses it: menus of the dock, and the language of the page.

import { until } from "./until.mjs";

/** Opens a menu of the dock, which a small window has behind *More*. Works below an open dialog too, which a click cannot. */
export async function openMenu(page, id) {
  const button = page.getByTestId(`dock-${id}`).or(page.getByTestId("dock-more")).first();
  // On a slow machine a dialog that opens meanwhile closes the menu again.
  await until("the menu is open", async () => {
    await button.evaluate((each) => {
      if (!document.getElementById(each.getAttribute("popovertarget"))?.matches(":popover-open")) each.click();
    });
    return page.locator(".menu:popover-open > *").first().isVisible();
  });
  // The menu takes the focus after it is painted.
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))),
  );
}

export const closeMenus = (page) => page.evaluate(() => document.querySelector(".menu:popover-open")?.hidePopover());

/** Shows the page in a language, whose texts it may have to fetch first. */
export async function chooseLanguage(page, language) {
  if ((await page.evaluate(() => document.documentElement.lang)) === language) return;
  const choice = page.locator('[data-testid="language"]:visible').first();
  const inRoom = (await choice.count()) === 0;
  const choose = async () => {
    if (inRoom) await openMenu(page, "sound");
    // The menu may be closed again before this, as in `openMenu`.
    return choice.selectOption(language, { timeout: 5_000 }).then(
      () => true,
      () => false,
    );
  };
  await until("the language is chosen", choose, 30_000);
  await page.waitForFunction((tag) => document.documentElement.lang === tag, language);
  if (inRoom) await closeMenus(page);
}
