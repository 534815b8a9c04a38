// Language channels in real Chromium: a listener chooses a language and hears its interpreter and not the floor, an
// interpreter drops and the floor is heard again, a partner takes over; and what each of them, and an operator, sees.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { offersOf, startChromium, takeSeat, audiblePeople, playedPeople } from "./lib/browser.mjs";
import { checkScreen, watchPolicy } from "./lib/screen-checks.mjs";
import { closeMenus, openMenu } from "./lib/room-page.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const interpreter = (id, name) => `
[[person]]
id = "${id}"
name = "${name}"
role = "interpreter"
languages = ["ja"]
`;
const conference =
  conferenceFile({ floor: 'reconnect_grace = "10m"' }).replace(
    'languages = ["en", "zh-Hant-TW"]',
    'languages = ["en", "zh-Hant-TW", "ja"]',
  ) +
  interpreter("interpreter-1", "Kenji") +
  interpreter("interpreter-2", "Aiko");

let server, browser, seoul, tokyo, kenji, aiko, operator;

const plays =
  (page, ...people) =>
  async () =>
    String(await playedPeople(page)) === String(people);
const button = (page, name) => page.getByRole("button", { name });
const note = (page) => page.getByTestId("sound-note");

before(async () => {
  server = await Server.start({ conference });
  browser = await startChromium();
  seoul = await takeSeat(browser, server, "seoul-1", watchPolicy);
  tokyo = await takeSeat(browser, server, "tokyo-1");
  kenji = await takeSeat(browser, server, "interpreter-1");
  aiko = await takeSeat(browser, server, "interpreter-2", watchPolicy);
  const chair = await server.token("moderator-1");
  const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token("tokyo-1"));
  await server.post(`/rooms/climate/floor/requests/${id}/grant`, {}, chair);
  await until("Seoul hears Tokyo", plays(seoul, "tokyo-1"));
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("a listener chooses a language by keyboard, is told that it is not interpreted, and hears the floor", async () => {
  await openMenu(seoul, "sound");
  const channel = seoul.getByTestId("sound-channel");
  assert.deepEqual(await channel.locator("option").evaluateAll((all) => all.map((each) => each.lang)), [
    "",
    "en",
    "zh-Hant-TW",
    "ja",
  ]);
  await channel.focus();
  await seoul.keyboard.press("End");
  assert.equal(await channel.inputValue(), "ja");
  await closeMenus(seoul);
  await note(seoul).getByText("Nobody is interpreting into 日本語. You hear the floor.").waitFor();
  await until("Seoul hears Tokyo", plays(seoul, "tokyo-1"));
  // Also on the language's own line, which a simpler client would play.
  await until("the line carries the floor", () =>
    seoul.evaluate(
      () => document.querySelector('[data-testid="voice-language"]').srcObject?.getTracks()[0].muted === false,
    ),
  );
});

test("a listener hears the interpreter and not the floor once there is one, without a renegotiation", async () => {
  const before = await offersOf(seoul);
  await button(kenji, "Interpret into 日本語").click();
  await button(kenji, "Stop interpreting into 日本語").waitFor();
  await until("Seoul hears Kenji alone", plays(seoul, "interpreter-1"));
  await note(seoul).getByText("You are listening to Kenji, interpreting into 日本語.").waitFor();
  await aiko.getByText("Kenji is interpreting into 日本語").waitFor();
  assert.equal(await offersOf(seoul), before);
});

test("an interpreter hears the floor, and listeners of the floor do not hear the interpreter", async () => {
  await until("Kenji hears Tokyo", plays(kenji, "tokyo-1"));
  await until("Aiko hears Tokyo", plays(aiko, "tokyo-1"));
  assert.deepEqual(await audiblePeople(tokyo), []);
  assert.deepEqual(await audiblePeople(aiko), ["tokyo-1"]);
});

test("a listener changes between the floor and a language, and the choice survives a reload", async () => {
  await openMenu(seoul, "sound");
  const channel = seoul.getByTestId("sound-channel");
  await channel.selectOption("floor");
  await until("Seoul hears Tokyo", plays(seoul, "tokyo-1"));
  await until("and nothing else arrives", async () => String(await audiblePeople(seoul)) === "tokyo-1");
  await channel.selectOption("ja");
  await until("Seoul hears Kenji", plays(seoul, "interpreter-1"));
  await seoul.reload();
  await until("Seoul hears Kenji again", plays(seoul, "interpreter-1"));
  await checkScreen(seoul, "sound-channel");
});

test("listeners of an interpreter who drops out hear the floor and are told so, and the operator gets an alarm", async () => {
  await kenji.close();
  await until("Seoul hears Tokyo", plays(seoul, "tokyo-1"));
  await note(seoul)
    .getByText("Interpretation into 日本語 is interrupted. You hear the floor until it resumes.")
    .waitFor();
  operator = await browser.context.newPage();
  await operator.addInitScript(watchPolicy);
  await operator.goto(await server.link("operator-1"));
  const alarm = operator.getByTestId("alarms");
  await alarm.getByText(/the channel ja passes the floor's sound through, because Kenji/).waitFor();
  assert.equal(await server.metric("plenary_channels_interrupted"), 1);
  await checkScreen(operator, "health-alarm");
  await checkScreen(seoul, "sound-interrupted");
});

test("a partner takes over and is told to be live, and the alarm ends", async () => {
  await checkScreen(aiko, "booth-free");
  await button(aiko, "Take over from Kenji: 日本語").click();
  await until("Seoul hears Aiko", plays(seoul, "interpreter-2"));
  await aiko.getByText("You are live.", { exact: true }).waitFor();
  await aiko.getByText("The server hears you well.").waitFor();
  await until("no alarm", async () => (await operator.getByTestId("alarms").innerText()) === "");
  await checkScreen(aiko, "booth");
});

test("an interpreter who returns finds the channel taken, and the partner hands it back", async () => {
  kenji = await takeSeat(browser, server, "interpreter-1");
  await kenji.getByText("Aiko is interpreting into 日本語").waitFor();
  assert.deepEqual(await playedPeople(seoul), ["interpreter-2"]);
  await button(aiko, "Hand over to Kenji").click();
  await button(kenji, "Take over now: 日本語").click();
  await until("Seoul hears Kenji", plays(seoul, "interpreter-1"));
  await button(kenji, "Stop interpreting into 日本語").click();
  await button(kenji, "Interpret into 日本語").waitFor();
  await until("Seoul hears Tokyo", plays(seoul, "tokyo-1"));
  assert.equal(await server.metric("plenary_media_ungranted_packets_forwarded_total"), 0);
  for (const page of [seoul, tokyo, kenji, aiko]) assert.deepEqual(page.problems, []);
});

test("the record lists the interpreters of each language with their times", async () => {
  const chair = await takeSeat(browser, server, "moderator-1", watchPolicy);
  await button(chair, "Proceedings").click();
  const heard = chair.getByTestId("interpretation");
  for (const [name, times] of [
    ["Kenji", 2],
    ["Aiko", 1],
  ]) {
    const row = await heard.getByRole("row").filter({ hasText: name }).innerText();
    assert.match(row, new RegExp(`^日本語\\s+${name}\\s+(\\d\\d:\\d\\d\\S*–\\d\\d:\\d\\d\\S*(, )?){${times}}$`));
  }
  await checkScreen(chair, "record-interpreted");
});
