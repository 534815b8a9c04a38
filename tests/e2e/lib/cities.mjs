// Delegates with moving pictures and tones, all in one process without a browser: the program that fills the demo's seats.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { binary } from "./server.mjs";

const program = process.env.CITIES_BIN ?? join(dirname(binary), "plenary-cities");

/** The colours of the program's pictures, which it gives out in turn (crates/cities/src/palette.rs). */
const COLOURS = [
  [190, 50, 50],
  [40, 80, 190],
  [40, 140, 70],
  [190, 140, 30],
  [120, 60, 170],
  [30, 140, 160],
  [180, 80, 120],
  [100, 110, 40],
];

/** Seats these people in their rooms. `leave()` lets them vanish. */
export async function seatCities(server, people) {
  const invitations = await server.invitations();
  const invited = people.map((person) => ({
    ...invitations[person],
    url: `${server.url}/#i=${invitations[person].invitation}`,
  }));
  const child = spawn(program, { stdio: ["pipe", "inherit", "inherit"] });
  child.stdin.write(JSON.stringify(invited));
  return {
    async leave() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.stdin.end();
      await once(child, "exit");
    },
  };
}

/** The place in the palette of the colour that is nearest. */
export const colourPlace = (colour) => {
  const distance = (other) => other.reduce((sum, each, at) => sum + (each - colour[at]) ** 2, 0);
  return COLOURS.indexOf([...COLOURS].sort((a, b) => distance(a) - distance(b))[0]);
};

/** The colours of the tiles that show a picture, by person: above the name that is written across the picture. */
export const tileColours = (page) =>
  page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 8, height: 4 });
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const shown = [...document.querySelectorAll('video[data-testid^="tile-"]')].filter(
      (video) => video.checkVisibility() && video.readyState >= 2 && video.videoWidth > 0,
    );
    return Object.fromEntries(
      shown.map((video) => {
        pen.drawImage(video, 0, 0, video.videoWidth, video.videoHeight * 0.15, 0, 0, 8, 4);
        const { data } = pen.getImageData(0, 0, 8, 4);
        const colour = [0, 1, 2].map(
          (c) => data.filter((_, at) => at % 4 === c).reduce((sum, each) => sum + each, 0) / 32,
        );
        return [video.dataset.testid.slice("tile-".length), colour];
      }),
    );
  });
