/** The clones by which tracks are measured. */
const clones = new WeakMap<MediaStreamTrack, Set<MediaStreamTrack>>();

/** How often a level is measured. */
export const METER_MS = 100;

/**
 * Calls back with a microphone's level, 0 to 1, ten times a second, until the returned function is called. It measures a
 * clone, because a track that is turned off is silent for everybody; the clone is sent nowhere.
 */
export function meter(track: MediaStreamTrack, level: (value: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  const clone = track.clone();
  clone.enabled = true;
  const all = clones.get(track) ?? new Set();
  clones.set(track, all.add(clone));
  context.createMediaStreamSource(new MediaStream([clone])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
    // From -60 dB of full scale to 0 dB.
    level(Math.max(0, Math.min(1, 1 + (10 * Math.log10(power + 1e-9)) / 60)));
  }, METER_MS);
  return () => {
    clearInterval(timer);
    clone.stop();
    all.delete(clone);
    void context.close();
  };
}

/** Stops a track and the clones by which it is measured: only then is its device let go. */
export function stopTrack(track: MediaStreamTrack | null): void {
  track?.stop();
  if (track) clones.get(track)?.forEach((clone) => clone.stop());
}
