/** What the server's disk comes to; all but the first is trouble. */
export const DISK_STATES = ["ok", "low", "slow", "full", "read_only", "failing", "damaged"] as const;
export type DiskState = (typeof DISK_STATES)[number];
export type DiskTrouble = Exclude<DiskState, "ok">;

/** The server's machine as the operator sees it. What it does not say is `null`. */
export interface Server {
  disk: DiskState;
  /** The server's own sentences, in English. */
  trouble: string | null;
  advice: string | null;
  since: number | null;
  slowMs: number | null;
  waiting: number;
  free: number | null;
  size: number | null;
  load: number | null;
  processors: number | null;
}

/** The machine of a health answer; `null` if it says nothing of it. */
export function serverOf(answer: unknown): Server | null {
  const server = object(object(answer).server);
  const disk = object(server.disk);
  const state = DISK_STATES.find((known) => known === disk.state);
  if (!state && !text(disk.trouble)) return null;
  const since = Date.parse(text(disk.since) ?? "");
  return {
    // A trouble that a newer server has and this page does not know.
    disk: state ?? "failing",
    trouble: text(disk.trouble),
    advice: text(disk.advice),
    since: Number.isNaN(since) ? null : since,
    slowMs: number(disk.slow_ms),
    waiting: number(disk.waiting) ?? 0,
    free: number(disk.free_bytes),
    size: number(disk.size_bytes),
    load: number(server.load),
    processors: number(server.processors),
  };
}

/** What is wrong with the server; `null` if nothing is. */
export function diskTrouble(server: Server | null): DiskTrouble | null {
  return server && server.disk !== "ok" ? server.disk : null;
}

/** Whether nothing can be recorded, so that commands are refused. */
export function refusesCommands(trouble: DiskTrouble): boolean {
  return trouble !== "low" && trouble !== "slow";
}

/** The titles of the rooms that did not answer, and are shown as they were last known. */
export function staleRooms(answer: unknown): string[] {
  const rooms = object(answer).rooms;
  return Array.isArray(rooms) ? rooms.map(object).filter((room) => room.stale === true).map((room) => text(room.title) ?? String(room.room)) : [];
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
