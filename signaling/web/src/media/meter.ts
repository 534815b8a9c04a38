/** Calls back with a track's level, 0 to 1, ten times a second, until the returned function is called. */
export function meter(track: MediaStreamTrack, level: (value: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
    // From -60 dB of full scale to 0 dB.
    level(Math.max(0, Math.min(1, 1 + (10 * Math.log10(power + 1e-9)) / 60)));
  }, 100);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
