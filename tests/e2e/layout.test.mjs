// Fourteen cities with two persons each, all with pictures: nobody is lost in any layout, no layout, page or pin needs another
// offer, and what the floor shows goes on meanwhile.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { colourOf, offersOf, startChromium, takeSeat } from "./lib/browser.mjs";
import { colourPlace, seatCities, tileColours } from "./lib/cities.mjs";
import { Server } from "./lib/server.mjs";
import { pause, until } from "./lib/until.mjs";

const CITIES = [
  "amman",
  "bandung",
  "colombo",
  "delhi",
  "dili",
  "hanoi",
  "jakarta",
  "kathmandu",
  "manila",
  "seoul",
  "suva",
  "tbilisi",
  "tokyo",
  "yangon",
];
const people = CITIES.flatMap((city) => [`${city}-1`, `${city}-2`]);

const conference = (gallery) => `
[conference]
id = "layout"
name = "Twenty-eight delegates"
time_zone = "Asia/Taipei"
starts = 2021-10-12
ends = 2021-10-14
languages = ["en", "zh-Hant-TW"]
${[...CITIES, "taipei"]
  .map(
    (city) => `
[[delegation]]
id = "${city}"
name = "${city[0].toUpperCase()}${city.slice(1)}"
country = "TW"
status = "member"
${(city === "taipei" ? [1] : [1, 2])
  .map(
    (number) => `
[[person]]
id = "${city}-${number}"
name = "${city} ${number}"
delegation = "${city}"
role = "delegate"
rooms = ["climate"]`,
  )
  .join("\n")}`,
  )
  .join("\n")}
[[person]]
id = "moderator-1"
name = "Moderator"
role = "moderator"
[[room]]
id = "climate"
title = "Climate"
gallery = ${gallery}
[room.floor]
limit = "1h"
nom = 2
`;

let server, browser, page, cities, chair, offers;

before(async () => {
  server = await Server.start({ conference: conference(true) });
  chair = await server.token("moderator-1");
  cities = await seatCities(server, people);
  browser = await startChromium();
  // The watcher sends a picture too: it has a tile and needs no slot for it.
  page = await takeSeat(browser, server, "taipei-1");
  offers = await offersOf(page);
  await until(
    "all cities to be seated",
    async () => (await server.get("/rooms/climate", chair)).participants.length === 29,
    60_000,
  );
});

after(async () => {
  await browser?.close();
  await cities?.leave();
  await server?.close();
});

const choose = async (layout) => {
  await page.getByTestId("dock-layout").click();
  await page.getByTestId(`layout-${layout}`).check();
  await page.keyboard.press("Escape");
};

const pageNumber = async () =>
  (await page.getByTestId("page").count()) ? Number(await page.getByTestId("page").getAttribute("data-page")) : 1;
const pageCount = async () =>
  (await page.getByTestId("page").count()) ? Number(await page.getByTestId("page").getAttribute("data-pages")) : 1;

/** The people with a tile on this page. */
const tiles = () =>
  page.evaluate(() =>
    [...document.querySelectorAll('video[data-testid^="tile-"]')].map((video) =>
      video.dataset.testid.slice("tile-".length),
    ),
  );

/** Waits until everybody on this page is seen, each in the colours of the own camera; returns who that is. */
async function seen() {
  const here = (await tiles()).filter((person) => person !== "taipei-1");
  await until(
    `pictures of ${here}`,
    async () => {
      const colours = await tileColours(page);
      return here.every((person) => colours[person] && colourPlace(colours[person]) === people.indexOf(person) % 8);
    },
    30_000,
  );
  return here;
}

async function turnPage() {
  const before = await pageNumber();
  await page.getByTestId("page-next").click();
  await until("the next page", async () => (await pageNumber()) !== before);
}

async function seenOnAllPages() {
  const all = [];
  const pages = await pageCount();
  for (let at = 0; at < pages; at += 1) {
    all.push(...(await seen()));
    if (pages > 1) await turnPage();
  }
  return all;
}

const grant = async (person) => {
  const { requests } = await until("the request", async () => {
    const floor = await server.get("/rooms/climate/floor", chair);
    return floor.requests.some((request) => request.beneficiary === person) && floor;
  });
  await server.post(
    `/rooms/climate/floor/requests/${requests.find((request) => request.beneficiary === person).id}/grant`,
    {},
    chair,
  );
};

test("every one of twenty-eight is seen in the gallery, page by page, with the first offer", async () => {
  await choose("gallery");
  const all = await seenOnAllPages();
  assert.deepEqual([...all].sort(), people);
  assert.equal(await offersOf(page), offers);
});

test("a larger window shows more on a page, and a phone's less, but never fewer in all", async () => {
  const counts = [];
  for (const [width, height] of [
    [390, 844],
    [1920, 1080],
    [3840, 2160],
  ]) {
    await page.setViewportSize({ width, height });
    await until("a page in that size", async () => (await tiles()).length > 0);
    assert.deepEqual([...(await seenOnAllPages())].sort(), people, `${width}×${height}`);
    counts.push(await pageCount());
  }
  assert.ok(counts[0] > counts[1] && counts[1] >= counts[2], `${counts}`);
  await page.setViewportSize({ width: 1280, height: 800 });
  assert.equal(await offersOf(page), offers);
});

test("the stage goes on without a gap while pages are turned and participants are pinned", async () => {
  await choose("speaker");
  await grant("seoul-1");
  const frames = () =>
    page.evaluate(() => {
      const video = document.querySelector('[data-testid="stage-video"]');
      return {
        frames: video.getVideoPlaybackQuality().totalVideoFrames,
        mid: window.__peers
          .at(-1)
          .getTransceivers()
          .find(({ receiver }) => receiver.track === video.srcObject?.getVideoTracks()[0])?.mid,
      };
    });
  await until(
    "Seoul on stage",
    async () => {
      const colour = await colourOf(page, "stage-video");
      return colour && colourPlace(colour) === people.indexOf("seoul-1") % 8;
    },
    30_000,
  );
  const before = await frames();
  let last = before.frames;
  const goesOn = async (what) => {
    const now = await until(`the stage to go on: ${what}`, async () => {
      const now = await frames();
      return now.frames >= last + 5 && now;
    });
    assert.equal(now.mid, before.mid, "in the same slot");
    last = now.frames;
  };
  assert.ok((await pageCount()) > 1);
  for (let at = await pageCount(); at > 0; at -= 1) {
    await turnPage();
    await goesOn("a page was turned");
  }
  for (const person of (await tiles()).slice(1, 3)) {
    await page.getByTestId(`tile-${person}`).click();
    await until(`${person} to be large`, async () => {
      const colour = await colourOf(page, "pinned-video");
      return colour && colourPlace(colour) === people.indexOf(person) % 8;
    });
    await goesOn(`${person} was pinned`);
  }
  await turnPage();
  assert.equal(await page.getByTestId("pinned-video").isVisible(), true, "whatever the page");
  await page.getByTestId("unpin").click();
  await until("nobody to be pinned", async () => (await page.getByTestId("pinned").count()) === 0);
  await goesOn("the pin was taken away");
  const lost = await page.evaluate(async (mid) => {
    const stats = [...(await window.__peers.at(-1).getStats()).values()];
    return stats.find((stat) => stat.type === "inbound-rtp" && stat.mid === mid).packetsLost;
  }, before.mid);
  assert.equal(lost, 0);
  assert.equal(await offersOf(page), offers);
});

test("a change of layout is one message, and a layout that does not change is none", async () => {
  const slots = () => page.evaluate(() => window.__sentSlots?.length);
  await page.evaluate(() => {
    window.__sentSlots = [];
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (text) {
      if (typeof text === "string" && text.includes('"type":"slots"')) window.__sentSlots.push(JSON.parse(text));
      return send.call(this, text);
    };
  });
  await turnPage();
  await until("the message", async () => (await slots()) > 0);
  await seen();
  await pause(400);
  assert.equal(await slots(), 1);
  const [{ slots: wants }] = await page.evaluate(() => window.__sentSlots);
  assert.ok(
    wants.every((slot) => /^(tile:[a-z]+-\d|nothing)$/.test(slot.wants)),
    JSON.stringify(wants),
  );
});

test("who speaks is marked, and it is said in words too", async () => {
  await choose("gallery");
  // Of all who are here only a browser sends the levels of its microphone.
  await server.post("/rooms/climate/floor/requests", {}, await server.token("taipei-1"));
  await grant("taipei-1");
  const speaking = () =>
    page.evaluate(() =>
      [...document.querySelectorAll(".tile.speaking")].map((tile) => [
        tile.querySelector("video").dataset.testid,
        tile.ariaLabel,
      ]),
    );
  await until("Taipei to be marked", async () => {
    if (!(await tiles()).includes("taipei-1")) await turnPage();
    const marked = await speaking();
    return marked.length === 1 && marked[0][0] === "tile-taipei-1" && /Speaking/.test(marked[0][1]);
  });
  await server.post("/rooms/climate/participants/taipei-1/mute", {}, chair);
  await until("nobody to be marked any more", async () => (await speaking()).length === 0);
});

test("nothing was forwarded that the floor does not allow", async () => {
  assert.equal(await server.metric("plenary_media_ungranted_packets_forwarded_total"), 0);
  assert.deepEqual(page.problems, []);
});

test("where the room has no gallery nobody is shown by name, but who has the floor", async () => {
  const closed = await Server.start({ conference: conference(false) });
  const some = await seatCities(closed, people.slice(0, 4));
  try {
    const watcher = await takeSeat(browser, closed, "taipei-1");
    const token = await closed.token("moderator-1");
    const floor = await until(
      "four requests",
      async () => {
        const now = await closed.get("/rooms/climate/floor", token);
        return now.requests.length === 4 && now;
      },
      30_000,
    );
    const { id, beneficiary } = floor.requests[1];
    await closed.post(`/rooms/climate/floor/requests/${id}/grant`, {}, token);
    await until("the holder on stage", async () => (await colourOf(watcher, "stage-video")) !== null, 30_000);
    const shown = Object.keys(await tileColours(watcher)).filter((person) => person !== "taipei-1");
    assert.ok(
      shown.every((person) => person === beneficiary),
      `${shown}`,
    );
    assert.equal(
      await watcher.evaluate(() => [...document.querySelectorAll(".tile-name")].length),
      5,
      "every name keeps its place",
    );
    assert.equal(await closed.metric("plenary_media_ungranted_packets_forwarded_total"), 0);
  } finally {
    await some.leave();
    await closed.close();
  }
});
