/** Where something is kept: for this tab, or for every tab on this machine. */
export type Area = "tab" | "machine";

const memory: Record<Area, Map<string, string | null>> = { tab: new Map(), machine: new Map() };
let refused = false;

/**
 * Keeps a value, or forgets it with `null`. A browser may refuse storage, by a setting, a policy or a full disk: then the
 * value lives as long as the page, and nothing else changes.
 */
export function keep(area: Area, key: string, value: string | null): void {
  memory[area].set(key, value);
  try {
    if (value === null) storageOf(area).removeItem(key);
    else storageOf(area).setItem(key, value);
  } catch {
    refused = true;
  }
}

export function kept(area: Area, key: string): string | null {
  const here = memory[area].get(key);
  if (here !== undefined) return here;
  try {
    return storageOf(area).getItem(key);
  } catch {
    refused = true;
    return null;
  }
}

/** Whether everything kept so far outlives a reload. */
export function outlivesReload(): boolean {
  return !refused;
}

/** Merely naming a storage throws where the browser blocks it. */
function storageOf(area: Area): Storage {
  return area === "tab" ? sessionStorage : localStorage;
}
