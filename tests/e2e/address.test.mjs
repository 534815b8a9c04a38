// A recorded address of three minutes whose pictures and tones tell the time, watched in Chromium and in Firefox: frame and
// tone agree to 100 ms, and the position is the server's, over play, pause, seek, a point of order, SIGKILL and late join.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startChromium, takeSeat } from "./lib/browser.mjs";
import { startFirefox, takeSeatInFirefox } from "./lib/firefox.mjs";
import { conferenceFile, Server } from "./lib/server.mjs";
import {
  addRecording,
  distances,
  FRAMES_A_SECOND,
  makeTimedRecording,
  median,
  probe,
  watchTimedRecording,
} from "./lib/timed-recording.mjs";
import { pause, until } from "./lib/until.mjs";

const MAX_DISTANCE_MS = 100;
/** So many seconds in a row have to agree. */
const AGREEING = 4;
const room = "/rooms/climate";

let server, chromium, firefox, second, chair;
const listeners = {};

const command = (name, fields = {}) => server.post(`${room}/recording/${name}`, fields, chair);
const speech = async () => (await server.get(`${room}/floor`, chair)).speeches.find(({ recorded }) => recorded);
const runs = async () => (await speech())?.recorded.running === true;
/** The position by the server, in seconds. */
const position = async () => {
  const { recorded, as_of } = await speech();
  return (recorded.position_ms + (recorded.running ? Date.now() - Date.parse(as_of) : 0)) / 1000;
};
const noted = (page) => page.evaluate(() => window.__timed);
/** The position of the picture that a page showed last since a moment, in seconds. */
const shown = async (page, since) => {
  const frame = (await noted(page)).frames.at(-1);
  return frame && frame.at > since ? frame.number / FRAMES_A_SECOND : null;
};

/** Every listener sees the server's position, and what each sees and hears agrees. */
async function agrees(since, who = listeners) {
  for (const [name, page] of Object.entries(who)) {
    let last, seen;
    const settled = async () => {
      seen = await noted(page);
      last = distances(seen, since).slice(-AGREEING);
      return last.length === AGREEING && Math.abs(median(last)) < MAX_DISTANCE_MS;
    };
    await until(`${name}: frame and tone agree`, settled, 30_000).catch((error) => {
      const [frames, tones] = [seen.frames, seen.tones].map((all) => all.filter(({ at }) => at > since).length);
      const words = `${frames} frames and ${tones} tones; the tones came ${last.map(Math.round)} ms after their frames`;
      throw new Error(`${error.message}; ${words}`);
    });
    const at = await shown(page, since);
    const here = await position();
    assert.ok(Math.abs(here - at) < 1.5, `${name} shows ${at} s, the server is at ${here} s`);
  }
}

before(async () => {
  server = await Server.start({ conference: conferenceFile({ floor: 'limit = "8m"' }) });
  const path = join(server.folder, "timed.webm");
  await makeTimedRecording(path, 180);
  chair = await server.token("moderator-1");
  await addRecording(server, path, "Timed", chair);
  chromium = await startChromium();
  firefox = await startFirefox();
  listeners.Chromium = await takeSeat(chromium, server, "seoul-1", watchTimedRecording, probe);
  listeners.Firefox = await takeSeatInFirefox(firefox, server, "tokyo-1", watchTimedRecording, probe);
});

after(async () => {
  await second?.close();
  await firefox?.close();
  await chromium?.close();
  await server?.close();
});

test("frame and tone agree when it is played", async () => {
  await command("play", { media: "timed", beneficiary: "taipei-1" });
  await agrees(Date.now());
});

test("a pause shows no new frame and plays no tone, and both agree when it goes on", async () => {
  await command("pause");
  await until("it stands still", async () => !(await runs()));
  await pause(700); // what is on its way, and the jitter buffers
  const stopped = Date.now();
  await pause(2500);
  for (const [name, page] of Object.entries(listeners)) {
    const { frames, tones } = await noted(page);
    assert.equal(frames.filter(({ at }) => at > stopped).length, 0, `${name} shows no new frame`);
    assert.equal(tones.filter(({ at }) => at > stopped).length, 0, `${name} plays no tone`);
  }
  const resumed = Date.now();
  await command("play");
  await agrees(resumed);
});

test("frame and tone agree after a seek forward and back", async () => {
  for (const to of [120, 60]) {
    const sought = Date.now();
    await command("seek", { position_ms: to * 1000 });
    for (const [name, page] of Object.entries(listeners))
      await until(`${name} has jumped to ${to} s`, async () => {
        const at = await shown(page, sought);
        return at !== null && at >= to && at < to + 15;
      });
    await agrees(Date.now());
  }
});

test("a point of order suspends it, and frame and tone agree after the ruling", async () => {
  const raised = { kind: "point_of_order" };
  const { id } = await server.post(`${room}/floor/requests`, raised, await server.token("seoul-1"));
  await until("it stands still", async () => !(await runs()));
  await pause(1000);
  const ruled = Date.now();
  await server.post(`${room}/floor/requests/${id}/deny`, {}, chair);
  await until("it goes on", runs);
  await agrees(ruled);
});

test("after SIGKILL it goes on where it was, and frame and tone agree", async () => {
  const before = await position();
  const killed = Date.now();
  await server.restart("SIGKILL");
  chair = await server.token("moderator-1");
  await until("it plays", runs, 30_000);
  const { recorded } = await speech();
  assert.ok(Math.abs(recorded.from_ms / 1000 - before) < 5, `from ${recorded.from_ms} ms, was at ${before} s`);
  await agrees(killed);
});

test("who joins late, such as the mayor herself, sees and hears the present position in step", async () => {
  const joined = Date.now();
  // Firefox paints nothing in a tab behind another, and Chromium little: who was here before is not asked any more.
  second = await startFirefox();
  const late = {
    "the mayor in Chromium": await takeSeat(chromium, server, "taipei-1", watchTimedRecording, probe),
    "a late Firefox": await takeSeatInFirefox(second, server, "delhi-1", watchTimedRecording, probe),
  };
  await agrees(joined, late);
  for (const page of Object.values({ ...listeners, ...late })) assert.deepEqual(page.problems, []);
});
