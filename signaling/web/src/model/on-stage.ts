import { isPresent } from "./names";
import type { FloorRequest, Room, SlotShows } from "./types";

type Shows = NonNullable<SlotShows["shows"]>;

/** Who is on stage, and in which office. */
export type OnStage =
  { as: "speaker"; person: string; request: FloorRequest } | { as: "chair"; person: string; priority: boolean } | null;

/**
 * The chair while everybody else is paused, else the holder whose picture the stage carries, else the first holder. While
 * nobody holds the floor the chair conducts the meeting and is heard, so the chair is on stage then.
 */
export function onStage(room: Room, slots: Iterable<Shows>): OnStage {
  const { chair, granted, chair_priority } = room.floor;
  if (chair_priority && chair) return { as: "chair", person: chair, priority: true };
  const shown = [...slots].find((s) => s.stage && s.source === "camera")?.participant;
  const live = granted.filter((g) => g.substate !== "suspended");
  const request = live.find((g) => g.beneficiary === shown) ?? live[0] ?? granted[0];
  if (request) return { as: "speaker", person: request.beneficiary, request };
  return chair && isPresent(room, chair) ? { as: "chair", person: chair, priority: false } : null;
}

/** The slot that carries a picture of a participant: that of the stage, else a tile's. A withheld one stands still and counts as none. */
export function pictureOf(slots: ReadonlyMap<string, Shows>, person: string): string | null {
  const own = [...slots].filter(([, s]) => s.participant === person && s.source === "camera" && !s.paused);
  return (own.find(([, s]) => s.stage) ?? own[0])?.[0] ?? null;
}

/** The number of pictures that the server withholds because this connection cannot carry them. */
export function withheld(slots: Iterable<Shows>): number {
  return [...slots].filter((s) => s.paused && s.source !== "microphone").length;
}
