// That a room is recorded is seen by everybody in it and in the hall, and told to newcomers before they take their seat. The
// chair and the operators switch it, and nobody stops it by a slip.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { installDevices, people, startChromium, takeSeat } from "./lib/browser.mjs";
import { checkScreen, watchPolicy } from "./lib/screen-checks.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

let server, browser, chair, moderator, tokyo;

const recording = async () => (await server.get("/rooms/climate", chair)).recording ?? null;
const sign = (page) => page.getByTestId("recording-sign");
/** Presses a button of a page, which comes to the front first: one in the background draws seldom. */
const press = async (page, button) => {
  await page.bringToFront();
  await button.click();
};
const toggle = (page) => page.getByTestId("recording-toggle");
const bandSays = (page, words) =>
  until(`the band says ${words}`, async () =>
    words.test(
      await page
        .getByTestId("band-line")
        .innerText()
        .catch(() => ""),
    ),
  );

/** A person's link, or that of a hall's screen, in a new page. */
async function open(link, person) {
  const page = await browser.context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  await page.addInitScript(installDevices, people[person] ?? people["tokyo-1"]);
  await page.addInitScript(watchPolicy);
  await page.goto(link);
  return page;
}

before(async () => {
  server = await Server.start();
  browser = await startChromium();
  chair = await server.token("moderator-1");
  await server.post("/rooms/climate/chair/take", {}, chair).catch(() => undefined);
  moderator = await takeSeat(browser, server, "moderator-1", watchPolicy);
  tokyo = await takeSeat(browser, server, "tokyo-1", watchPolicy);
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("no room says that it is recorded while it is not", async () => {
  assert.equal(await recording(), null);
  for (const page of [moderator, tokyo]) assert.equal(await sign(page).count(), 0);
  assert.equal(await tokyo.getByTestId("recording-switch").count(), 0);
});

test("the chair starts the recording, and everybody sees it, with since when and by whom", async () => {
  await press(moderator, toggle(moderator));
  await sign(tokyo).waitFor();
  assert.equal((await recording()).by, "moderator-1");
  await bandSays(tokyo, /Moderator has started the recording/);
  assert.match(await sign(tokyo).innerText(), /Recording/);
  await press(tokyo, sign(tokyo));
  await tokyo.getByRole("dialog", { name: "This room is being recorded" }).waitFor();
  assert.match(await tokyo.locator(".recording-about").innerText(), /since \d\d:\d\d, started by Moderator/);
  await tokyo.keyboard.press("Escape");
});

test("on a phone the sign is in the bar, with its words", async () => {
  for (const width of [390, 320]) {
    await tokyo.setViewportSize({ width, height: 700 });
    const box = await sign(tokyo).boundingBox();
    assert.ok(box && box.x >= 0 && box.x + box.width <= width && box.height >= 24, JSON.stringify(box));
    assert.match(await sign(tokyo).innerText(), /Recording/);
  }
  await tokyo.setViewportSize({ width: 1280, height: 800 });
});

test("a newcomer is told before the seat is taken, with what is recorded", async () => {
  const seoul = await open(await server.link("seoul-1"), "seoul-1");
  await seoul.getByTestId("room-climate").click();
  const told = seoul.getByTestId("seat-recorded");
  await told.waitFor();
  assert.match(await told.innerText(), /This room is being recorded[^]*floor/);
  assert.equal(await seoul.getByTestId("take-seat").getAttribute("aria-describedby"), await told.getAttribute("id"));
  await seoul.getByTestId("room-covid").click();
  await told.waitFor({ state: "detached" });
  await seoul.getByTestId("room-climate").click();
  await checkScreen(seoul, "recorded-seat");
  await seoul.close();
});

test("the hall sees it too", async () => {
  const hall = await open(await server.displayLink());
  await hall.getByTestId("hall-recording").waitFor();
  assert.match(await hall.getByTestId("hall-recording").innerText(), /Recording since \d\d:\d\d/);
  await hall.close();
});

test("the room passes the checks of every screen while it is recorded", async () => {
  await checkScreen(moderator, "recorded-room");
  await checkScreen(tokyo, "recorded-delegate");
});

test("a press repeated by a slip stops nothing; the answer to the question does", async () => {
  const question = moderator.getByTestId("stop-question");
  await moderator.bringToFront();
  await toggle(moderator).focus();
  await moderator.keyboard.press("Enter");
  await question.waitFor();
  await moderator.keyboard.press("Enter");
  await question.waitFor({ state: "detached" });
  assert.ok(await recording());
  await press(moderator, toggle(moderator));
  await question.getByRole("button", { name: "Stop recording" }).click();
  await sign(tokyo).waitFor({ state: "detached" });
  assert.equal(await recording(), null);
  await bandSays(tokyo, /Moderator has stopped the recording/);
});

test("an operator switches it without the chair", async () => {
  const operator = await open(await server.link("operator-1"), "operator-1");
  await operator.getByTestId("to-seat").click();
  await operator.getByTestId("room-climate").click();
  await operator.getByTestId("take-seat").click();
  await press(operator, toggle(operator));
  await sign(moderator).waitFor();
  assert.equal((await recording()).by, "operator-1");
  assert.deepEqual(operator.problems, []);
});

test("nothing failed on the pages", () => assert.deepEqual([moderator.problems, tokyo.problems], [[], []]));
