// A recording that tells its own time: each frame has its number burnt into the picture, and each second begins with a tone
// of its own. What a page shows and plays can then be compared, frame against tone.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { openAsBlob } from "node:fs";

export const FRAMES_A_SECOND = 25;
/** The tone with which a second begins, by the second modulo their number. None is a harmonic of another. */
export const TONES = [520, 610, 730, 860, 990, 1130, 1290, 1490, 1730, 1970];
const TONE_MS = 200;
const [WIDTH, HEIGHT] = [320, 180];
/** The number is written as black and white cells, the lowest bit first. The second row is the inverse of the first. */
const BITS = 16;
const RATE = 48_000;

/** One picture in planar YUV 4:2:0. */
function picture(number) {
  const pixels = Buffer.alloc((WIDTH * HEIGHT * 3) / 2, 128);
  const cell = WIDTH / BITS;
  for (let bit = 0; bit < BITS; bit++) {
    const isSet = (number >> bit) & 1;
    for (let line = 0; line < HEIGHT; line++) {
      const isWhite = line < HEIGHT / 2 ? isSet : !isSet;
      const from = line * WIDTH + bit * cell;
      pixels.fill(isWhite ? 235 : 16, from, from + cell);
    }
  }
  return pixels;
}

/** One second of mono samples. */
function second(number) {
  const samples = Buffer.alloc(RATE * 2);
  const hertz = TONES[number % TONES.length];
  for (let at = 0; at < (RATE * TONE_MS) / 1000; at++)
    samples.writeInt16LE(Math.round(12_000 * Math.sin((2 * Math.PI * hertz * at) / RATE)), at * 2);
  return samples;
}

async function run(words, parts = []) {
  const child = spawn("ffmpeg", ["-v", "error", "-y", ...words], { stdio: ["pipe", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => (said += chunk));
  const ended = once(child, "close");
  for (const part of parts) if (!child.stdin.write(part)) await once(child.stdin, "drain");
  child.stdin.end();
  const [code] = await ended;
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}: ${said}`);
}

/** Makes a WebM of VP8, with a keyframe every second, and Opus. */
export async function makeTimedRecording(path, seconds) {
  const numbers = (count) => Array.from({ length: count }, (_, at) => at);
  const sound = `${path}.wav`;
  const pcm = ["-f", "s16le", "-ar", `${RATE}`, "-ac", "1", "-i", "-"];
  await run([...pcm, sound], numbers(seconds).map(second));
  const frames = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", `${WIDTH}x${HEIGHT}`, "-r", `${FRAMES_A_SECOND}`];
  const pictures = ["-c:v", "libvpx", "-b:v", "400k", "-g", `${FRAMES_A_SECOND}`, "-deadline", "realtime"];
  await run(
    [...frames, "-i", "-", "-i", sound, ...pictures, "-cpu-used", "8", "-c:a", "libopus", "-b:a", "64k", path],
    (function* () {
      for (const number of numbers(seconds * FRAMES_A_SECOND)) yield picture(number);
    })(),
  );
}

/** Adds a file to the server's media library. */
export async function addRecording(server, path, name, token) {
  const response = await fetch(`${server.url}/api/v1/media?name=${encodeURIComponent(name)}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: await openAsBlob(path),
  });
  if (response.status !== 201) throw new Error(`not added: ${response.status} ${await response.text()}`);
  return response.json();
}

/**
 * Runs in the page first: notes each frame of the stage with its number, and each tone that begins with its place in
 * `tones`; both with the time at which they come out, in milliseconds since 1970.
 */
export function watchTimedRecording({ tones, bits }) {
  const now = () => performance.timeOrigin + performance.now();
  const noted = (window.__timed = { frames: [], tones: [], unreadable: 0 });
  const note = (list, value) => {
    list.push(value);
    if (list.length > 4000) list.splice(0, 1000);
  };

  const canvas = new OffscreenCanvas(bits * 4, 16);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const read = (video) => {
    pen.drawImage(video, 0, 0, bits * 4, 16);
    const { data } = pen.getImageData(0, 0, bits * 4, 16);
    const light = (column, line) => data[(line * bits * 4 + column) * 4 + 1];
    let number = 0;
    for (let bit = 0; bit < bits; bit++) {
      const [above, below] = [light(bit * 4 + 2, 4), light(bit * 4 + 2, 12)];
      if (Math.abs(above - below) < 60) return null;
      if (above > below) number |= 1 << bit;
    }
    return number;
  };
  const watch = (video) => {
    const frame = (_, { expectedDisplayTime }) => {
      const at = performance.timeOrigin + (expectedDisplayTime ?? performance.now());
      if (video.srcObject && video.videoWidth > 0) {
        const number = read(video);
        if (number === null) noted.unreadable += 1;
        else if (noted.frames.at(-1)?.number !== number) note(noted.frames, { at, number });
      }
      video.requestVideoFrameCallback(frame);
    };
    video.requestVideoFrameCallback(frame);
  };
  const watched = new WeakSet();

  // The samples of the last third of a second are kept, so that a page that is late still finds where a tone began.
  let audio, ear, seen;
  const offsets = [];
  const tapped = new WeakSet();
  const listen = () => {
    for (const peer of window.__peers ?? [])
      for (const { track } of peer.getReceivers()) {
        if (track.kind !== "audio" || tapped.has(track)) continue;
        audio ??= new AudioContext();
        ear ??= new AnalyserNode(audio, { fftSize: 16384 });
        audio.createMediaStreamSource(new MediaStream([track])).connect(ear);
        tapped.add(track);
      }
    if (!audio) return;
    if (audio.state !== "running") return void audio.resume();
    const samples = new Float32Array(ear.fftSize);
    let end;
    do {
      end = audio.currentTime;
      ear.getFloatTimeDomainData(samples);
    } while (audio.currentTime !== end);
    // Samples are rendered in bursts: the earliest rendering of the last two seconds says when one comes out.
    offsets.push(now() - end * 1000);
    if (offsets.length > 100) offsets.shift();
    const offset = Math.min(...offsets);
    const rate = audio.sampleRate;
    const timeOf = (index) => offset + (end - (samples.length - index) / rate) * 1000;
    // A block of 2 ms is loud or not; a tone begins where a loud block follows 100 ms of quiet, and is named by its first 60 ms.
    const block = Math.round(rate * 0.002);
    const [quiet, length] = [50, Math.round(rate * 0.06)];
    let still = 0;
    for (let from = 0; from + length <= samples.length; from += block) {
      let power = 0;
      for (let index = from; index < from + block; index++) power += samples[index] ** 2;
      if (power / block < 1e-3) {
        still += 1;
        continue;
      }
      const isOnset = still >= quiet;
      still = 0;
      const begun = timeOf(from);
      if (!isOnset || begun < (seen ?? 0) + 300) continue;
      seen = begun;
      const strength = (hertz) => {
        let [real, imaginary] = [0, 0];
        for (let index = 0; index < length; index++) {
          const angle = (2 * Math.PI * hertz * index) / rate;
          real += samples[from + index] * Math.cos(angle);
          imaginary += samples[from + index] * Math.sin(angle);
        }
        return Math.hypot(real, imaginary);
      };
      const strengths = tones.map(strength);
      note(noted.tones, { at: begun, tone: strengths.indexOf(Math.max(...strengths)) });
    }
  };
  setInterval(() => {
    const video = document.querySelector('[data-testid="stage-video"]');
    if (video && !watched.has(video)) {
      watched.add(video);
      watch(video);
    }
    listen();
  }, 20);
}

export const probe = { tones: TONES, bits: BITS };

const modulo = (value, by) => ((value % by) + by) % by;

/**
 * How much later than its picture each tone since `since` came out, in milliseconds: one value for each second of which
 * both were noted.
 */
export function distances({ frames, tones }, since = 0) {
  const found = [];
  for (const { at, tone } of tones) {
    if (at < since) continue;
    // The picture nearest to the tone says which of the seconds with this tone it is.
    const near = frames.reduce(
      (best, frame) => (best && Math.abs(best.at - at) < Math.abs(frame.at - at) ? best : frame),
      undefined,
    );
    if (!near || Math.abs(near.at - at) > 1000) continue;
    const seconds = near.number / FRAMES_A_SECOND;
    const off = modulo(tone - seconds + TONES.length / 2, TONES.length) - TONES.length / 2;
    const first = Math.round(seconds + off) * FRAMES_A_SECOND;
    // Where that very frame was not shown, a later one of the next quarter second tells when it was due.
    const shown = frames.find(
      (frame) => frame.number >= first && frame.number <= first + FRAMES_A_SECOND / 4 && Math.abs(frame.at - at) < 2000,
    );
    if (shown) found.push(at - (shown.at - ((shown.number - first) * 1000) / FRAMES_A_SECOND));
  }
  return found;
}

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
