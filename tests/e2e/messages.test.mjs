// Written messages: whom they reach, what is unread, what stays when a message is refused; and calls for help to the operators.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startChromium, takeSeat } from "./lib/browser.mjs";
import { Participant } from "./lib/participant.mjs";
import { closeMenus, openMenu } from "./lib/room-page.mjs";
import { checkScreen } from "./lib/screen-checks.mjs";
import { watchLiveRegions } from "./lib/screen-reader.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

let server, browser, tokyo, seoul, chair;

const spoken = (page) => page.evaluate(() => window.__spoken.map(({ urgency, text }) => `${urgency}: ${text}`));
const badge = async (page) => (await page.getByTestId("dock-chat").locator(".badge").allInnerTexts()).join();
const lines = (page) => page.getByTestId("message").allInnerTexts();
const localTime = (page, at) =>
  page.evaluate(
    (iso) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(new Date(iso)),
    at,
  );
const chatOf = async (person) => (await server.get("/rooms/climate", await server.token(person))).chat;

before(async () => {
  server = await Server.start();
  browser = await startChromium();
  await browser.context.addInitScript(watchLiveRegions);
  tokyo = await takeSeat(browser, server, "tokyo-1");
  seoul = await Participant.join(server, "seoul-1");
  chair = await Participant.join(server, "moderator-1");
});

after(async () => {
  for (const seat of [seoul, chair]) seat?.close();
  await browser?.close();
  await server?.close();
});

test("what others write is counted until it is read, over a reload too, and is said aloud", async () => {
  await seoul.command("chat.post", { text: "Good morning, Tokyo." });
  await seoul.command("chat.post", { text: "The draft is on your desk." });
  await until("two unread", async () => (await badge(tokyo)) === "2");
  assert.equal(await tokyo.getByTestId("dock-chat").getAttribute("aria-label"), "Messages, 2 unread");
  assert.match(await tokyo.locator("#tab-chat").innerText(), /Messages\s*2/);
  assert.ok(
    (await spoken(tokyo)).includes("polite: Message from Seoul delegate: Good morning, Tokyo."),
    String(await spoken(tokyo)),
  );

  await tokyo.reload();
  await until("two unread after the reload", async () => (await badge(tokyo)) === "2");
  await tokyo.getByTestId("dock-chat").click();
  await until("none once they are shown", async () => (await badge(tokyo)) === "");
  const [{ at }] = await chatOf("tokyo-1");
  const time = tokyo.getByTestId("message").first().locator("time");
  assert.deepEqual([await time.getAttribute("datetime"), await time.innerText()], [at, await localTime(tokyo, at)]);

  await seoul.command("chat.post", { text: "Shown at once." });
  await until("the log has it", async () => (await lines(tokyo)).some((line) => line.includes("Shown at once.")));
  assert.equal(await badge(tokyo), "");
  assert.ok((await spoken(tokyo)).filter((said) => said.includes("Shown at once.")).length === 1, "by the log alone");
  await tokyo.reload();
  await tokyo.getByTestId("shell").waitFor();
  await until("the room is there", async () => (await tokyo.getByTestId("dock-chat").count()) === 1);
  assert.equal(await badge(tokyo), "");
});

test("the audience is named on the choice, the field, the button and the line, and nobody else reads it", async () => {
  await tokyo.getByTestId("dock-chat").click();
  await tokyo.getByTestId("audience-moderators").check();
  assert.equal(await tokyo.getByTestId("send-message").innerText(), "Send to the moderators");
  assert.equal(
    await tokyo.getByTestId("message-text").getAttribute("placeholder"),
    "Write a message to the moderators",
  );
  await tokyo.getByTestId("message-text").fill("May we speak after Seoul?");
  await tokyo.getByTestId("message-text").press("Enter");
  await until("it is in the log", async () =>
    (await lines(tokyo)).some((line) => /You\s*to the moderators\s*\d\d:\d\d\s*May we speak after Seoul\?/.test(line)),
  );
  await until("the field is empty", async () => (await tokyo.getByTestId("message-text").inputValue()) === "");
  assert.equal(await tokyo.getByTestId("audience-moderators").isChecked(), true);
  assert.equal((await chatOf("moderator-1")).at(-1).text, "May we speak after Seoul?");
  assert.notEqual((await chatOf("seoul-1")).at(-1).text, "May we speak after Seoul?");

  await tokyo.locator("#tab-order").click();
  await seoul.command("chat.post", { text: "One of others." });
  await until("the own message does not count", async () => (await badge(tokyo)) === "1");
});

test("a message to the moderators is marked on the moderators' page", async () => {
  const page = await takeSeat(browser, server, "moderator-1");
  await page.getByTestId("dock-chat").click();
  await until("it is marked", async () =>
    (await lines(page)).some((line) => /Tokyo delegate\s*to the moderators/.test(line)),
  );
  await page.close();
});

test("a text of one long word, or one that turns the direction, stays in its line", async () => {
  await seoul.command("chat.post", { text: "W".repeat(400) });
  await seoul.command("chat.post", { text: "\u202Eturned \u2067 and never ended" });
  await seoul.command("chat.post", { text: "שלום לכולם, 10:42" });
  await tokyo.locator("#tab-chat").click();
  await until("all are shown", async () => (await lines(tokyo)).at(-1).includes("10:42"));
  const log = tokyo.locator(".chat-log");
  const lastInView = () =>
    tokyo.evaluate(() => {
      const [log, last] = [
        document.querySelector(".chat-log"),
        [...document.querySelectorAll("[data-testid=message]")].at(-1),
      ].map((each) => each.getBoundingClientRect());
      return last.bottom <= log.bottom + 1 && last.bottom > log.top;
    });
  assert.ok(await lastInView(), "the newest is in view");
  await tokyo.setViewportSize({ width: 320, height: 640 });
  await until("the newest is in view on a small screen too", lastInView);
  await until("the chosen tab is in view beside the closing button", () =>
    tokyo.evaluate(
      () =>
        document.querySelector("#tab-chat")?.getBoundingClientRect().right <=
        document.querySelector(".side-close")?.getBoundingClientRect().left + 1,
    ),
  );
  assert.ok(await log.evaluate((each) => each.scrollWidth <= each.clientWidth), "nothing scrolls sideways");
  const heads = await tokyo
    .getByTestId("message")
    .locator(".chat-head")
    .evaluateAll((all) =>
      all.map((each) => {
        const [name, time] = [each.querySelector("strong"), each.querySelector("time")].map((part) =>
          part.getBoundingClientRect(),
        );
        return name.left < time.left || name.bottom <= time.top;
      }),
    );
  assert.ok(heads.every(Boolean), "each head reads from left to right");
  await tokyo.getByTestId("audience-room").check();
  await checkScreen(tokyo, "messages");
});

test("a message that is refused stays as it was written, with the reason, also while another panel is looked at", async () => {
  const second = await Participant.join(server, "tokyo-1");
  for (const bytes of [8000, 500]) {
    const refused = await until("the limit of the chat", () =>
      second.command("chat.post", { text: "x".repeat(bytes), to: "operators" }).then(
        () => false,
        ({ problem }) => problem,
      ),
    );
    assert.equal(refused.code, "rate_limited");
  }
  second.close();
  // 6,000 bytes, for which the limit has no room for some seconds.
  await tokyo.getByTestId("message-text").fill("請再說明".repeat(500));
  await tokyo.getByTestId("send-message").click();
  const refusal = tokyo.locator(".chat .refusal");
  await refusal.waitFor();
  assert.match(await refusal.innerText(), /^[A-Z].*\.$/);
  assert.match(await tokyo.getByTestId("message-text").inputValue(), /^請再說明/);
  await tokyo.locator("#tab-order").click();
  await tokyo.locator("#tab-chat").click();
  assert.match(await tokyo.getByTestId("message-text").inputValue(), /^請再說明/);
});

test("one press calls the operators, who see the figures, and the call can be withdrawn or is answered", async () => {
  const page = await takeSeat(browser, server, "delhi-1");
  const operator = await browser.context.newPage();
  operator.problems = [];
  operator.on("pageerror", (error) => operator.problems.push(String(error)));
  await operator.goto(await server.link("operator-1"));
  await until(
    "Delhi's figures are measured",
    async () =>
      typeof (await server.get("/rooms/climate/health", await server.token("operator-1"))).participants.find(
        ({ person }) => person === "delhi-1",
      )?.rtt_ms === "number",
  );

  await openMenu(page, "help");
  await page.getByTestId("ask-help").click();
  await page.getByTestId("help-told").waitFor();
  assert.match(await page.getByTestId("help-told").innerText(), /^The operators have been told \(\d\d:\d\d\)\.$/);
  const call = operator.getByTestId("help-call");
  await call.waitFor();
  const words = await call.innerText();
  assert.match(words, /Delhi delegate asks for help/);
  assert.match(words, /I need help\.\s*Microphone: .* · Camera: .* · Chrome \d+, Linux/);
  assert.match(words, /Round trip .* ms · Loss up \/ down .*Path UDP/);
  assert.ok((await spoken(operator)).includes("assertive: Delhi delegate asks for help"));

  await page.getByTestId("withdraw-help").click();
  await page.getByTestId("ask-help").waitFor();
  await until("the call is gone", async () => (await call.count()) === 0);

  await page.getByTestId("help").getByRole("textbox").fill("I hear nobody.");
  await page.getByTestId("ask-help").click();
  await page.getByTestId("help-told").waitFor();
  await closeMenus(page);
  await call.getByText("I hear nobody.").waitFor();
  await checkScreen(operator, "health-help");
  await call.getByRole("textbox").fill("Choose the headset under Sound.");
  await operator.getByTestId("answer-help").click();
  await until("the answer is in the band", async () =>
    /The operators answer: Choose the headset under Sound\./.test(await page.getByTestId("band-line").innerText()),
  );
  await openMenu(page, "help");
  assert.match(
    await page.getByTestId("help-answer").innerText(),
    /^The operators answered \(\d\d:\d\d\): Choose the headset under Sound\.$/,
  );
  await until("nobody waits for help", async () => (await call.count()) === 0);
  assert.deepEqual([tokyo.problems, page.problems, operator.problems], [[], [], []]);
});
