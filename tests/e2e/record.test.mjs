// The record of a room as staff read, save and correct it; and the agenda that everybody can save as a calendar file.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { installDevices, people, startChromium, takeSeat } from "./lib/browser.mjs";
import { checkScreen, watchPolicy } from "./lib/screen-checks.mjs";
import { Participant } from "./lib/participant.mjs";
import { Server, conferenceFile } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";

const conference = `${conferenceFile()}
[[item]]
room = "climate"
title = "Early warning"
kind = "debate"
starts = 2021-10-12T10:00:00
minutes = 40
`;

let server, browser, page, chair;
const seats = [];

const say = (path, body = {}) => server.post(`/rooms/climate/${path}`, body, chair);

/** What the browser saves when a button is pressed. */
async function saved(button) {
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

before(async () => {
  server = await Server.start({ conference });
  browser = await startChromium();
  chair = await server.token("moderator-1");
  page = await takeSeat(browser, server, "moderator-1", watchPolicy);
  for (const person of ["tokyo-1", "seoul-1", "delhi-1"]) seats.push(await Participant.join(server, person));
  for (const seat of seats.slice(0, 2)) {
    const { id } = await seat.requestFloor();
    await say(`floor/requests/${id}/accept`);
    await say("floor/next");
  }
  const point = await seats[2].requestFloor({ kind: "point_of_order" });
  await say(`floor/requests/${point.id}/deny`, { reason: "It is within the item." });
  const { id } = await say("decisions", { kind: "no_objection", question: "Meet in Delhi next year?" });
  await say(`decisions/${id}/close`);
});

after(async () => {
  for (const seat of seats) seat.close();
  await browser?.close();
  await server?.close();
});

test("the record shows who spoke, the time of each delegation in words and bars, rulings and decisions", async () => {
  await page.getByRole("button", { name: "Proceedings" }).click();
  const chart = page.getByTestId("time-chart");
  await chart.waitFor();
  for (const city of ["Tokyo", "Seoul", "Delhi"]) await chart.getByRole("rowheader", { name: city }).waitFor();
  assert.match(await chart.getByRole("row", { name: /^Delhi/ }).innerText(), /0:00\s+0/);
  const speeches = await page.getByTestId("speeches").innerText();
  assert.match(
    speeches,
    /Tokyo delegate[\s\S]*By the chair calling the next speaker[\s\S]*Seoul delegate[\s\S]*Speaking/,
  );
  const all = await page.getByTestId("record").innerText();
  assert.match(all, /Meet in Delhi next year\?[\s\S]*Adopted/);
  assert.match(all, /Overruled\s*“?It is within the item/);
  const attendance = page.getByTestId("attendance");
  assert.match(await attendance.getByRole("row", { name: /^Tokyo delegate/ }).innerText(), /Delegate\s+\d\d:\d\d\S*–$/);
});

test("the record passes the checks of every screen", () => checkScreen(page, "record"));

test("the record is saved as minutes, as a table of the speeches, and whole", async () => {
  const minutes = await saved(page.getByTestId("save-md"));
  assert.equal(minutes.name, "climate.md");
  assert.match(minutes.text, /^# /m);
  const table = await saved(page.getByTestId("save-csv"));
  assert.match(table.text, /tokyo/i);
  const whole = JSON.parse((await saved(page.getByTestId("save-json"))).text);
  assert.deepEqual(
    whole.speeches.map((s) => s.person),
    ["tokyo-1", "seoul-1"],
  );
});

test("a correction is added to the record", async () => {
  const corrections = page.getByTestId("corrections");
  await corrections.getByRole("textbox").fill("Tokyo spoke for two delegations.");
  await corrections.getByRole("textbox").press("Enter");
  await until("the correction stands", async () =>
    /Tokyo spoke for two delegations/.test(await corrections.innerText()),
  );
});

test("the record stands beside the room: the stage and the chair's controls stay, and Escape gives the focus back", async () => {
  await page.setViewportSize({ width: 1440, height: 900 });
  const boxes = await page.evaluate(() =>
    ["stage", "record", "next-button", "band", "priority"].map((id) =>
      document.querySelector(`[data-testid="${id}"]`)?.getBoundingClientRect().toJSON(),
    ),
  );
  assert.ok(
    boxes.every((box) => box && box.width > 0 && box.height > 0),
    JSON.stringify(boxes),
  );
  const [stage, record, ...controls] = boxes;
  for (const box of [stage, ...controls])
    assert.ok(box.right <= record.left || box.bottom <= record.top || box.top >= record.bottom, JSON.stringify(boxes));
  await page.getByTestId("record").getByRole("button", { name: "Refresh" }).focus();
  await page.keyboard.press("Escape");
  await page.getByTestId("record").waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement?.dataset.testid), "open-record");
  await page.getByTestId("console").waitFor();
});

test("a delegate is not offered the record, and saves the agenda as a calendar", async () => {
  const tokyo = await browser.context.newPage();
  await tokyo.addInitScript(installDevices, people["tokyo-1"]);
  await tokyo.goto(await server.link("tokyo-1"));
  await tokyo.getByTestId("seat").waitFor();
  assert.equal(await tokyo.getByRole("button", { name: "Proceedings" }).count(), 0);
  const [download] = await Promise.all([
    tokyo.waitForEvent("download"),
    tokyo.getByRole("button", { name: "Add to my calendar" }).click(),
  ]);
  const calendar = await readFile(await download.path(), "utf8");
  assert.match(calendar, /BEGIN:VCALENDAR[\s\S]*Early warning/);
});
