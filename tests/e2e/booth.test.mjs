// The interpreter's booth: the cough button silences at once, by pointer and by key, and the volume is what is played.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { playedPeople, startChromium, takeSeat } from "./lib/browser.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const OUT = new URL("../out/", import.meta.url).pathname;

const interpreter = (id, name) =>
  `\n[[person]]\nid = "${id}"\nname = "${name}"\nrole = "interpreter"\nlanguages = ["ja"]\n`;
const conference =
  conferenceFile().replace('languages = ["en", "zh-Hant-TW"]', 'languages = ["en", "zh-Hant-TW", "ja"]') +
  interpreter("interpreter-1", "Kenji") +
  interpreter("interpreter-2", "Aiko");

let server, browser, seoul, kenji;

const plays =
  (page, ...people) =>
  async () =>
    String(await playedPeople(page)) === String(people);
/** Whether the interpreter's microphone is sent. */
const sends = () =>
  kenji.evaluate(() =>
    window.__peers
      .at(-1)
      .getSenders()
      .some(({ track }) => track?.kind === "audio" && track.enabled),
  );

before(async () => {
  await mkdir(OUT, { recursive: true });
  server = await Server.start({ conference });
  browser = await startChromium();
  seoul = await takeSeat(browser, server, "seoul-1", () => localStorage.setItem("plenary.sound", "ja"));
  kenji = await takeSeat(browser, server, "interpreter-1", () => localStorage.setItem("plenary.sound", "floor"));
  await kenji.getByRole("button", { name: "Interpret into 日本語" }).click();
  await until("Seoul hears Kenji", plays(seoul, "interpreter-1"));
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("the cough button silences at once while it is held, by pointer, by its key and by Space on it", async () => {
  const cough = kenji.getByTestId("cough");
  const holds = [
    [
      "the pointer",
      async () => {
        await cough.hover();
        await kenji.mouse.down();
      },
      () => kenji.mouse.up(),
    ],
    [
      "C",
      async () => {
        await kenji.evaluate(() => document.activeElement?.blur());
        await kenji.keyboard.down("c");
      },
      () => kenji.keyboard.up("c"),
    ],
    [
      "Space",
      async () => {
        await cough.focus();
        await kenji.keyboard.down(" ");
      },
      () => kenji.keyboard.up(" "),
    ],
  ];
  for (const [name, hold, release] of holds) {
    await hold();
    assert.equal(await sends(), false, name);
    assert.equal(await cough.getAttribute("aria-pressed"), "true", name);
    await until(`Seoul hears nobody: ${name}`, plays(seoul));
    await release();
    assert.equal(await sends(), true, name);
    await until(`Seoul hears Kenji again: ${name}`, plays(seoul, "interpreter-1"));
  }
});

test("a C in a field is a letter, and a held key ends with the window's focus", async () => {
  await kenji.locator("#tab-chat").click();
  const field = kenji.getByPlaceholder("Write a message");
  await field.focus();
  await kenji.keyboard.down("c");
  assert.equal(await sends(), true);
  await kenji.keyboard.up("c");
  assert.equal(await field.inputValue(), "c");
  await field.fill("");
  await kenji.locator("#tab-booth").click();
  await kenji.keyboard.down("c");
  assert.equal(await sends(), false);
  await kenji.evaluate(() => dispatchEvent(new Event("blur")));
  assert.equal(await sends(), true);
  await kenji.keyboard.up("c");
});

test("the volume of what the interpreter hears is what is played, and is remembered", async () => {
  const loudness = () =>
    kenji.evaluate(() => [...document.querySelectorAll("audio")].map(({ volume }) => Math.round(volume * 100)));
  await kenji.getByTestId("booth-volume").focus();
  await kenji.keyboard.press("Home");
  for (let step = 0; step < 8; step += 1) await kenji.keyboard.press("ArrowRight");
  await until("40 %", async () => (await loudness()).every((each) => each === 40));
  await kenji.screenshot({ path: `${OUT}booth.png` });
  await kenji.reload();
  await kenji.getByTestId("booth-panel").waitFor();
  await until(
    "still 40 %",
    async () => (await loudness()).length > 0 && (await loudness()).every((each) => each === 40),
  );
});

test("a handover counts down at both, can be kept, and is taken early or by itself", async () => {
  const aiko = await takeSeat(browser, server, "interpreter-2", () => localStorage.setItem("plenary.sound", "floor"));
  const button = (page, name) => page.getByRole("button", { name });
  await button(kenji, "Hand over to Aiko").click();
  await kenji
    .getByTestId("handover")
    .getByText(/Aiko takes over in 0:\d\d/)
    .waitFor();
  await aiko.getByText(/Kenji hands over in 0:\d\d/).waitFor();
  await kenji.screenshot({ path: `${OUT}booth-handover.png` });
  await aiko.screenshot({ path: `${OUT}booth-receive.png` });
  await button(kenji, "Keep the channel").click();
  await kenji.getByTestId("handover").waitFor({ state: "detached" });
  await button(kenji, "Hand over to Aiko").click();
  await button(aiko, "Take over now: 日本語").click();
  await until("Seoul hears Aiko", plays(seoul, "interpreter-2"));
  await button(aiko, "Hand over to Kenji").click();
  await until("Seoul hears Kenji by itself", plays(seoul, "interpreter-1"), 30_000);

  await aiko.getByTestId("booth-message").fill("Your turn in five minutes");
  await aiko.keyboard.press("Enter");
  await kenji.getByText("Your turn in five minutes").waitFor();
  assert.equal(await seoul.getByText("Your turn in five minutes").count(), 0);
  await aiko.close();
});

test("a plea for slower speech reaches the speaker and the chair", async () => {
  const chair = await takeSeat(browser, server, "moderator-1");
  const token = await server.token("moderator-1");
  const { id } = await server.post("/rooms/climate/floor/requests", {}, await server.token("seoul-1"));
  await server.post(`/rooms/climate/floor/requests/${id}/grant`, {}, token);
  await kenji.getByTestId("slower").click();
  await seoul.getByText("Please speak more slowly, for the interpreters.").first().waitFor();
  await chair
    .getByText(/asks for slower speech/)
    .first()
    .waitFor();
  await seoul.screenshot({ path: `${OUT}slower.png` });
});
