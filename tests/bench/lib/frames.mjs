// The encoded frames of a WebM as files that the client's example `publishing` reads, so that a live holder sends what the
// recording has.

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";

const ffmpeg = (...words) => promisify(execFile)("ffmpeg", ["-v", "error", "-y", ...words]);

/** A moving picture of 640×360 at `framesASecond` with a keyframe every two seconds, and a tone. */
export async function makeAddress(path, seconds, framesASecond) {
  const picture = `testsrc2=s=640x360:r=${framesASecond}:d=${seconds}`;
  const video = ["-c:v", "libvpx", "-b:v", "600k", "-g", `${2 * framesASecond}`, "-deadline", "realtime"];
  const sound = ["-c:a", "libopus", "-b:a", "64k"];
  const inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", `sine=frequency=620:duration=${seconds}`];
  await ffmpeg(...inputs, ...video, "-cpu-used", "8", ...sound, path);
}

/** Writes the two files and returns their paths. */
export async function extractFrames(path) {
  const [camera, microphone] = [`${path}.vp8.frames`, `${path}.opus.frames`];
  await ffmpeg("-i", path, "-map", "0:v", "-c", "copy", "-f", "ivf", `${path}.ivf`);
  await ffmpeg("-i", path, "-map", "0:a", "-c", "copy", "-f", "ogg", `${path}.ogg`);
  await writeFile(camera, framed(ivfFrames(await readFile(`${path}.ivf`))));
  // The first two packets are the heads of Opus in Ogg (RFC 7845, section 3).
  await writeFile(microphone, framed([...oggPackets(await readFile(`${path}.ogg`))].slice(2)));
  return { camera, microphone };
}

const framed = (frames) =>
  Buffer.concat(
    [...frames].flatMap((frame) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(frame.length);
      return [length, frame];
    }),
  );

function* ivfFrames(bytes) {
  for (let at = bytes.readUInt16LE(6); at + 12 <= bytes.length;) {
    const length = bytes.readUInt32LE(at);
    yield bytes.subarray(at + 12, at + 12 + length);
    at += 12 + length;
  }
}

/** The packets of an Ogg file with one stream (RFC 3533, section 6). */
function* oggPackets(bytes) {
  let parts = [];
  for (let at = 0; at + 27 <= bytes.length;) {
    const lacing = bytes.subarray(at + 27, at + 27 + bytes[at + 26]);
    at += 27 + lacing.length;
    for (const length of lacing) {
      parts.push(bytes.subarray(at, at + length));
      at += length;
      if (length === 255) continue;
      yield Buffer.concat(parts);
      parts = [];
    }
  }
}
