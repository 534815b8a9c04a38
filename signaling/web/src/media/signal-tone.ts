import type { Alert } from "../model/band";
import { speaker } from "./devices";
import { onSpeaker } from "./speaker";

/** Short tones, each a frequency in Hz. Up: the floor is yours. Down: it is not. Twice the same: an answer is waited for. */
const TONES: Record<Alert, readonly number[]> = {
  floor: [523, 659, 784],
  lost: [523, 392],
  ask: [659, 659],
  notice: [587],
};

const TONE_S = 0.16;
const LOUDNESS = 0.12;

/** Plays the signal on the chosen speaker. A browser that plays nothing before the page was touched stays silent. */
export function playSignal(alert: Alert): void {
  if (typeof AudioContext === "undefined") return;
  const context = new AudioContext();
  onSpeaker(context, speaker.value);
  const tones = TONES[alert];
  tones.forEach((frequency, i) => {
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    const at = context.currentTime + i * TONE_S;
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
    gain.gain.linearRampToValueAtTime(0, at + TONE_S);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(at);
    oscillator.stop(at + TONE_S);
  });
  setTimeout(() => void context.close(), 1_000 + tones.length * TONE_S * 1_000);
}
