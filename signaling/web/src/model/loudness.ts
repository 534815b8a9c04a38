/** The loudness of sound by ITU-R BS.1770-4, as broadcasters measure it, and the silence at its ends. */

export interface Sound {
  /** Integrated loudness in LUFS; `null` where nothing is heard. */
  lufs: number | null;
  /** The silence before the first sound, and after the last one. */
  leadMs: number;
  tailMs: number;
}

/** What is to be said of a sound to those who will play it. */
export interface SoundWarning {
  what: "silent" | "quiet" | "loud" | "lead" | "tail";
  /** LUFS, or seconds. */
  value: number;
}

/** What is usual for speech online, and how far away from it listeners change their volume. */
const TARGET_LUFS = -16;
const TOLERANCE_LU = 6;
/** Quieter than a room in which nobody speaks: −50 dB of full scale. */
const SILENCE = 10 ** (-50 / 20);
/** Silence that an audience takes for a fault. */
const MIN_SILENCE_MS = 2_000;
const BLOCK_SECONDS = 0.4;
const STEPS_PER_BLOCK = 4;
const ABSOLUTE_GATE_LUFS = -70;
const RELATIVE_GATE_LU = -10;

interface Biquad {
  b: readonly [number, number, number];
  a: readonly [number, number];
}

/** The two filters of the K-weighting for any sample rate: a shelf for the head, and a high-pass. */
function weighting(rate: number): [Biquad, Biquad] {
  const shelf = 10 ** (3.999843853973347 / 20);
  const middle = shelf ** 0.4996667741545416;
  let k = Math.tan((Math.PI * 1681.974450955533) / rate);
  let q = 0.7071752369554196;
  let norm = 1 + k / q + k * k;
  const head: Biquad = {
    b: [
      (shelf + (middle * k) / q + k * k) / norm,
      (2 * (k * k - shelf)) / norm,
      (shelf - (middle * k) / q + k * k) / norm,
    ],
    a: [(2 * (k * k - 1)) / norm, (1 - k / q + k * k) / norm],
  };
  k = Math.tan((Math.PI * 38.13547087602444) / rate);
  q = 0.5003270373238773;
  norm = 1 + k / q + k * k;
  return [head, { b: [1, -2, 1], a: [(2 * (k * k - 1)) / norm, (1 - k / q + k * k) / norm] }];
}

/** The mean square of the weighted sound in each tenth of a second. */
function tenths(samples: Float32Array, rate: number): number[] {
  const [head, high] = weighting(rate);
  const step = Math.round((BLOCK_SECONDS / STEPS_PER_BLOCK) * rate);
  const found: number[] = [];
  let [x1, x2, y1, y2, z1, z2] = [0, 0, 0, 0, 0, 0];
  let sum = 0;
  for (let at = 0; at < samples.length; at += 1) {
    const x = samples[at] ?? 0;
    const y = head.b[0] * x + head.b[1] * x1 + head.b[2] * x2 - head.a[0] * y1 - head.a[1] * y2;
    const z = high.b[0] * y + high.b[1] * y1 + high.b[2] * y2 - high.a[0] * z1 - high.a[1] * z2;
    [x2, x1, y2, y1, z2, z1] = [x1, x, y1, y, z1, z];
    sum += z * z;
    if ((at + 1) % step === 0) {
      found.push(sum / step);
      sum = 0;
    }
  }
  return found;
}

const lufsOf = (power: number) => -0.691 + 10 * Math.log10(power);
const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length;

/** The integrated loudness of the powers of overlapping blocks: quiet ones do not count. */
function gated(blocks: readonly number[]): number | null {
  const heard = blocks.filter((power) => lufsOf(power) > ABSOLUTE_GATE_LUFS);
  if (heard.length === 0) return null;
  const gate = lufsOf(mean(heard)) + RELATIVE_GATE_LU;
  return lufsOf(mean(heard.filter((power) => lufsOf(power) > gate)));
}

/** Measures sound, of which each channel has its samples. */
export function measure(channels: readonly Float32Array[], rate: number): Sound {
  const all = channels.map((samples) => tenths(samples, rate));
  const powers = (all[0] ?? []).map((_, at) => all.reduce((sum, channel) => sum + (channel[at] ?? 0), 0));
  const blocks = powers
    .slice(0, Math.max(0, powers.length - STEPS_PER_BLOCK + 1))
    .map((_, at) => mean(powers.slice(at, at + STEPS_PER_BLOCK)));
  const length = Math.max(0, ...channels.map((samples) => samples.length));
  const isHeard = (at: number) => channels.some((samples) => Math.abs(samples[at] ?? 0) > SILENCE);
  let [first, last] = [0, length - 1];
  while (first < length && !isHeard(first)) first += 1;
  while (last > first && !isHeard(last)) last -= 1;
  const ms = (samples: number) => (samples / rate) * 1000;
  return { lufs: gated(blocks), leadMs: ms(first), tailMs: first < length ? ms(length - 1 - last) : 0 };
}

/** What an audience would notice. */
export function warningsOf({ lufs, leadMs, tailMs }: Sound): SoundWarning[] {
  if (lufs === null) return [{ what: "silent", value: 0 }];
  const found: SoundWarning[] = [];
  if (lufs < TARGET_LUFS - TOLERANCE_LU) found.push({ what: "quiet", value: lufs });
  if (lufs > TARGET_LUFS + TOLERANCE_LU) found.push({ what: "loud", value: lufs });
  if (leadMs >= MIN_SILENCE_MS) found.push({ what: "lead", value: leadMs / 1000 });
  if (tailMs >= MIN_SILENCE_MS) found.push({ what: "tail", value: tailMs / 1000 });
  return found;
}
