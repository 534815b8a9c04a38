import { onSpeaker } from "./speaker";

/** Two soft tones on the chosen speaker. */
export function playTone(speaker?: string): void {
  const context = new AudioContext();
  onSpeaker(context, speaker);
  [523, 659].forEach((frequency, i) => {
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    const at = context.currentTime + i * 0.45;
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.15, at + 0.05);
    gain.gain.linearRampToValueAtTime(0, at + 0.4);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(at);
    oscillator.stop(at + 0.45);
  });
  setTimeout(() => void context.close(), 1500);
}
