// Participants in real browsers, each with a camera of one colour and a microphone of one tone. The pixels of a video and
// an analyser of the received sound tell whose media they receive.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const flags = [
  "--no-sandbox",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];

/**
 * A Chromium with its own profile folder. `executable` starts it in another way, such as in another network; `origin` is
 * an address without TLS that may use camera and microphone, as localhost may; `anyCertificate` trusts every server.
 */
export async function startChromium({
  executable = "/usr/bin/chromium",
  origin,
  anyCertificate = false,
  proxy = null,
  resolvesTo = null,
} = {}) {
  const profile = await mkdtemp(join(tmpdir(), "plenary-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executable,
    headless: true,
    locale: "en-GB",
    viewport: { width: 1280, height: 800 },
    args: [
      ...flags,
      ...(origin ? [`--unsafely-treat-insecure-origin-as-secure=${origin}`] : []),
      ...(anyCertificate ? ["--ignore-certificate-errors"] : []),
      ...(resolvesTo ? [`--host-resolver-rules=MAP * ${resolvesTo}`] : []),
      ...(proxy ? [`--proxy-server=${proxy}`] : []),
    ],
  });
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** Colours that differ in hue, and tones that are not harmonics of each other. */
export const people = {
  "moderator-1": { colour: [200, 200, 200], tone: 440 },
  "taipei-1": { colour: [220, 30, 30], tone: 620 },
  "tokyo-1": { colour: [30, 60, 220], tone: 830 },
  "seoul-1": { colour: [30, 170, 50], tone: 1130 },
  "delhi-1": { colour: [220, 190, 20], tone: 1510 },
  "interpreter-1": { colour: [0, 0, 0], tone: 1930 },
  "interpreter-2": { colour: [0, 0, 0], tone: 2410 },
};

/** Runs in the page first: installs the camera and the microphone, and records every peer connection. */
export function installDevices({ colour, tone }) {
  // The empty page that Firefox shows first is no secure context and has no devices.
  if (!navigator.mediaDevices) return;
  const [red, green, blue] = colour;
  const streams = [];
  const getUserMedia = async (wanted) => {
    const stream = new MediaStream();
    if (wanted?.video) {
      const canvas = document.createElement("canvas");
      canvas.width = 640;
      canvas.height = 360;
      const pen = canvas.getContext("2d");
      let frame = 0;
      const draw = () => {
        pen.fillStyle = `rgb(${red},${green},${blue})`;
        pen.fillRect(0, 0, 640, 360);
        // A moving edge at the border, so that frames differ while the middle keeps the colour.
        pen.fillStyle = "#fff";
        pen.fillRect((frame++ * 8) % 640, 0, 16, 12);
      };
      draw();
      setInterval(draw, 66);
      for (const track of canvas.captureStream(15).getVideoTracks()) stream.addTrack(track);
    }
    if (wanted?.audio) {
      const audio = new AudioContext();
      const oscillator = audio.createOscillator();
      oscillator.frequency.value = tone;
      const gain = audio.createGain();
      gain.gain.value = 0.3;
      const out = audio.createMediaStreamDestination();
      oscillator.connect(gain).connect(out);
      oscillator.start();
      for (const track of out.stream.getAudioTracks()) stream.addTrack(track);
    }
    streams.push(stream);
    return stream;
  };
  Object.defineProperty(navigator.mediaDevices, "getUserMedia", { value: getUserMedia, configurable: true });

  const Native = window.RTCPeerConnection;
  window.__peers = [];
  window.__offers = 0;
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      window.__peers.push(this);
    }
    createOffer(...args) {
      window.__offers += 1;
      return super.createOffer(...args);
    }
  };
}

/** The average colour of the middle of a video, or null while it shows nothing. */
export const colourOf = (page, testId) =>
  page.evaluate((id) => {
    const video = document.querySelector(`[data-testid="${id}"]`);
    if (!video || video.tagName !== "VIDEO" || video.videoWidth === 0 || video.readyState < 2 || !video.srcObject)
      return null;
    if (video.hidden || video.checkVisibility?.() === false) return null;
    const canvas = document.createElement("canvas");
    canvas.width = 16;
    canvas.height = 16;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(
      video,
      video.videoWidth * 0.25,
      video.videoHeight * 0.3,
      video.videoWidth * 0.5,
      video.videoHeight * 0.5,
      0,
      0,
      16,
      16,
    );
    const { data } = pen.getImageData(0, 0, 16, 16);
    const sum = [0, 0, 0];
    for (let at = 0; at < data.length; at += 4) for (let c = 0; c < 3; c++) sum[c] += data[at + c];
    return sum.map((each) => Math.round(each / 256));
  }, testId);

/** Whether a colour is a person's, with a tolerance for the codec's losses. */
export const isColourOf = (colour, person) =>
  colour !== null && people[person].colour.every((want, at) => Math.abs(want - colour[at]) < 45);

/** The level of each person's tone in all sound that the page receives, in dBFS. */
export const toneLevels = (page) =>
  page.evaluate(
    async (tones) => {
      window.__ears ??= { audio: new AudioContext(), taps: new Map() };
      const { audio, taps } = window.__ears;
      if (audio.state !== "running") await audio.resume();
      for (const peer of window.__peers) {
        if (peer.connectionState === "closed") continue;
        for (const { track } of peer.getReceivers()) {
          if (track.kind !== "audio" || taps.has(track)) continue;
          const analyser = audio.createAnalyser();
          analyser.fftSize = 4096;
          analyser.smoothingTimeConstant = 0; // smoothing would mix in the previous measurement
          audio.createMediaStreamSource(new MediaStream([track])).connect(analyser);
          taps.set(track, analyser);
        }
      }
      await new Promise((done) => setTimeout(done, 150));
      const heard = {};
      for (const [person, hertz] of Object.entries(tones)) {
        heard[person] = -200;
        for (const analyser of taps.values()) {
          const bins = new Float32Array(analyser.frequencyBinCount);
          analyser.getFloatFrequencyData(bins);
          const at = Math.round((hertz * analyser.fftSize) / audio.sampleRate);
          for (let bin = at - 1; bin <= at + 1; bin++) heard[person] = Math.max(heard[person], bins[bin]);
        }
      }
      return heard;
    },
    Object.fromEntries(Object.entries(people).map(([person, { tone }]) => [person, tone])),
  );

/** The people whose tone the page receives clearly above silence. */
export const audiblePeople = async (page) =>
  Object.entries(await toneLevels(page))
    .filter(([, level]) => level > -55)
    .map(([person]) => person)
    .sort();

/** The people whose sound the page plays, which is not muted. */
export const playedPeople = (page) =>
  page.evaluate(
    async (tones) => {
      const played = [...document.querySelectorAll("audio")].filter(
        (audio) => !audio.muted && !audio.paused && audio.srcObject,
      );
      const audio = (window.__loudspeaker ??= new AudioContext());
      if (audio.state !== "running") await audio.resume();
      const taps = played.map(({ srcObject }) => {
        const analyser = new AnalyserNode(audio, { fftSize: 4096, smoothingTimeConstant: 0 });
        audio.createMediaStreamSource(srcObject).connect(analyser);
        return analyser;
      });
      await new Promise((done) => setTimeout(done, 200));
      const level = (analyser, hertz) => {
        const bins = new Float32Array(analyser.frequencyBinCount);
        analyser.getFloatFrequencyData(bins);
        const at = Math.round((hertz * analyser.fftSize) / audio.sampleRate);
        return Math.max(...bins.slice(at - 1, at + 2));
      };
      return Object.entries(tones)
        .filter(([, hertz]) => taps.some((tap) => level(tap, hertz) > -55))
        .map(([person]) => person)
        .sort();
    },
    Object.fromEntries(Object.entries(people).map(([person, { tone }]) => [person, tone])),
  );

/** Opens a person's link in a new page and joins `climate`; `probe` runs in the page first, with `given`. */
export async function takeSeat(browser, server, person, probe = () => {}, given = undefined) {
  const page = await browser.context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  await page.addInitScript(installDevices, people[person]);
  await page.addInitScript(probe, given);
  await page.goto(await server.link(person));
  await chooseRoom(page);
  return page;
}

/** Goes from the seat screen into the room. */
export async function chooseRoom(page) {
  await page.getByTestId("seat").waitFor();
  const room = page.getByTestId("room-climate");
  if (await room.count()) await room.first().click();
  await page.getByTestId("take-seat").click();
  await page
    .getByTestId("main-button")
    .or(page.getByTestId("next-button"))
    .or(page.getByTestId("booth"))
    .first()
    .waitFor();
}

/** The number of offers that the page has made. */
export const offersOf = (page) => page.evaluate(() => window.__offers);
