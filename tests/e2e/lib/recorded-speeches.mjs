// Files as the server makes them of speeches, whose picture tells the position by its colour; and answers in the server's
// place, so that a test decides which link has ended and which packets were lost.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const SECONDS_EACH = 2;
/** A colour for each two seconds of a minute: three steps of red, ten of blue. */
const COLOURS = Array.from({ length: 30 }, (_, at) => [30 + 100 * (at % 3), 60, 20 + 23 * Math.floor(at / 3)]);

/** A minute of VP8 with a keyframe every second, and Opus. */
export async function makeSpeechFile(path) {
  const pictures = COLOURS.flatMap((colour) => [
    "-f",
    "lavfi",
    "-i",
    `color=c=0x${Buffer.from(colour).toString("hex")}:s=160x90:r=5:d=${SECONDS_EACH}`,
  ]);
  await promisify(execFile)("ffmpeg", [
    ..."-v error".split(" "),
    ...pictures,
    ..."-f lavfi -i".split(" "),
    `sine=frequency=440:duration=${COLOURS.length * SECONDS_EACH}`,
    ..."-filter_complex".split(" "),
    `concat=n=${COLOURS.length}:v=1:a=0[pictures]`,
    ...`-map [pictures] -map ${COLOURS.length}:a -c:v libvpx -b:v 100k -g 5 -deadline realtime -cpu-used 8`.split(" "),
    ..."-c:a libopus".split(" "),
    path,
  ]);
  return readFile(path);
}

/** The two seconds that the player shows, as the second at which they begin; `null` while it shows nothing. */
export async function shownSecond(page) {
  const colour = await page.evaluate(() => {
    const video = document.querySelector('[data-testid="player-video"]');
    if (!video || video.readyState < 2 || video.videoWidth === 0) return null;
    const pen = new OffscreenCanvas(1, 1).getContext("2d");
    pen.drawImage(video, 0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  });
  if (!colour) return null;
  const distances = COLOURS.map((other) => Math.hypot(...other.map((each, at) => each - colour[at])));
  return distances.indexOf(Math.min(...distances)) * SECONDS_EACH;
}

/** Answers a request for a file as the server does, also for a range of it. */
export function fulfillFile(route, file) {
  const range = /bytes=(\d+)-(\d*)/.exec(route.request().headers().range ?? "");
  const headers = { "content-type": "video/webm", "accept-ranges": "bytes" };
  if (!range) return route.fulfill({ status: 200, headers, body: file });
  const from = Number(range[1]);
  const to = range[2] ? Number(range[2]) : file.length - 1;
  return route.fulfill({
    status: 206,
    headers: { ...headers, "content-range": `bytes ${from}-${to}/${file.length}` },
    body: file.subarray(from, to + 1),
  });
}
