import { signal } from "@preact/signals";
import { keep, kept } from "../session/storage";

const STORAGE_KEY = "plenary.volume";

/** How loud the floor and the language channel are played, from 0 to 1. Some phones leave that to their own buttons. */
export interface Volumes {
  floor: number;
  channel: number;
}

export const volumes = signal<Volumes>(readVolumes(kept("machine", STORAGE_KEY)));

export function setVolumes(change: Partial<Volumes>): void {
  volumes.value = { ...volumes.value, ...change };
  keep("machine", STORAGE_KEY, JSON.stringify(volumes.value));
}

/** The volumes that were kept. What is no volume is full. */
export function readVolumes(text: string | null): Volumes {
  let value: unknown = null;
  try {
    value = JSON.parse(text ?? "null");
  } catch {
    // Full, as where nothing was kept.
  }
  const read = new Map(Object.entries(typeof value === "object" && value !== null ? value : {}));
  const of = (name: string): number => {
    const volume: unknown = read.get(name);
    return typeof volume === "number" && volume >= 0 && volume <= 1 ? volume : 1;
  };
  return { floor: of("floor"), channel: of("channel") };
}
