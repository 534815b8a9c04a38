import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { measure, type Sound } from "../../model/loudness";
import type { MediaItem } from "../../wire/generated/http";

/** More than that is not fetched and decoded only to measure it: ten minutes are 230 MB of samples. */
const MAX_BYTES = 150e6;
const MAX_MS = 10 * 60_000;
const RATE = 48_000;

export type Measurement = Sound | "running" | "too_long" | "failed" | "none";

/** Measures the first sound of a recording, once its address is known. The browser decodes it; the server never does. */
export function useSound(item: MediaItem, address: string | null): ReadonlySignal<Measurement> {
  const found = useSignal<Measurement>("running");
  useEffect(() => {
    if (!item.tracks.some(({ kind }) => kind === "audio")) return void (found.value = "none");
    if (item.bytes > MAX_BYTES || item.duration_ms > MAX_MS) return void (found.value = "too_long");
    if (!address || typeof found.peek() === "object") return undefined;
    const over = new AbortController();
    void decoded(address, over.signal).then(
      (sound) => !over.signal.aborted && (found.value = sound),
      () => !over.signal.aborted && (found.value = "failed"),
    );
    return () => over.abort();
  }, [item.id, address]);
  return found;
}

async function decoded(address: string, signal: AbortSignal): Promise<Sound> {
  const response = await fetch(address, { signal });
  if (!response.ok) throw new Error(`${response.status}`);
  const file = await response.arrayBuffer();
  const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(file);
  const channels = Array.from({ length: sound.numberOfChannels }, (_, at) => sound.getChannelData(at));
  return measure(channels, sound.sampleRate);
}
