// Sound and pictures in RTP, for stacks that do not encode: one still picture as a key frame, and silence.

import { readFileSync } from "node:fs";

const picture = readFileSync(new URL("../media/picture.vp8", import.meta.url));
// One packet of Opus silence (RFC 6716, section 3.1: a TOC byte of 20 ms CELT, and nothing coded).
const silence = Buffer.from([0xf8, 0xff, 0xfe]);

/** The packets of one stream, one after the other. */
class Stream {
  #sequence = 1;
  #timestamp = 1;

  constructor({ payloadType, ssrc, step, payload, marker }) {
    Object.assign(this, { payloadType, ssrc, step, payload, marker });
  }

  next() {
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = this.payloadType | (this.marker ? 0x80 : 0);
    header.writeUInt16BE(this.#sequence & 0xffff, 2);
    header.writeUInt32BE(this.#timestamp >>> 0, 4);
    header.writeUInt32BE(this.ssrc, 8);
    this.#sequence += 1;
    this.#timestamp += this.step;
    return Buffer.concat([header, this.payload]);
  }
}

const SOUND_MS = 20;
const PICTURE_MS = 100;

/** Calls `sound` and `picture` with packets, at their pace, without end. */
export function send({ audio, video, sound, picture: show }) {
  const voice = new Stream({ ...audio, step: 48 * SOUND_MS, payload: silence, marker: false });
  // A payload descriptor (RFC 7741, section 4.2): the start of a partition, and nothing else.
  const camera = new Stream({
    ...video,
    step: 90 * PICTURE_MS,
    payload: Buffer.concat([Buffer.from([0x10]), picture]),
    marker: true,
  });
  setInterval(() => sound(voice.next()), SOUND_MS);
  setInterval(() => show(camera.next()), PICTURE_MS);
}

/** Whether a datagram is RTP and not RTCP (RFC 5761, section 4). */
export const isRtp = (datagram) => datagram.length >= 12 && (datagram[1] < 192 || datagram[1] > 223);
