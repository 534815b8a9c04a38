import { listed, passed, waiting } from "./order";
import type { Floor, FloorRequest, Room } from "./types";

/** The console's rows, group by group from top to bottom. */
export interface Rows {
  listed: FloorRequest[];
  waiting: FloorRequest[];
  passed: FloorRequest[];
}

export function rowsOf(floor: Floor): Rows {
  return { listed: listed(floor), waiting: waiting(floor), passed: passed(floor) };
}

/** What the rows are drawn from: the room at one time, and below its rows the requests that came while they were held. */
export interface Drawn {
  room: Room;
  at: number;
  added: FloorRequest[];
}

/**
 * What to draw next. While rows are held they keep their places, so that nothing slides under a pointer that rests on one of
 * them; a new request is drawn below all others until then.
 */
export function drawNext(before: Drawn, room: Room, at: number, held: boolean): Drawn {
  if (!held) return { room, at, added: [] };
  const known = new Set([...all(rowsOf(before.room.floor)), ...before.added].map(({ id }) => id));
  const added = all(rowsOf(room.floor)).filter(({ id }) => !known.has(id));
  return added.length > 0 ? { ...before, added: [...before.added, ...added] } : before;
}

function all({ listed, waiting, passed }: Rows): FloorRequest[] {
  return [...listed, ...waiting, ...passed];
}

/** Whether a row of before now stands elsewhere, or is gone. Rows that were only added below disturb none. */
export function displaces(before: Rows, after: Rows): boolean {
  const now = places(after);
  return places(before).some((id, place) => id !== now[place]);
}

/** Every line from top to bottom: the headings of the groups push rows as well. */
function places({ listed, waiting, passed }: Rows): string[] {
  const group = (heading: string, rows: FloorRequest[]) =>
    rows.length > 0 ? [heading, ...rows.map(({ id }) => id)] : [];
  return [...group("listed", listed), ...group("waiting", waiting), ...group("passed", passed)];
}

/** Where the request of a held row stands now. */
export type Now = { is: "here"; position: number | null } | Elsewhere;

/** Not where its row is drawn. */
export type Elsewhere =
  /** In another group than the row is drawn in. */
  { is: "listed"; position: number } | { is: "passed" } | { is: "granted" } | { is: "gone" };

export function nowOf(floor: Floor, drawn: FloorRequest): Now {
  if (floor.granted.some((g) => g.id === drawn.id)) return { is: "granted" };
  const request = floor.requests.find((r) => r.id === drawn.id);
  if (!request) return { is: "gone" };
  if (request.substate === "passed")
    return drawn.substate === "passed" ? { is: "here", position: null } : { is: "passed" };
  if (request.position != null && drawn.position == null) return { is: "listed", position: request.position };
  return { is: "here", position: request.position ?? null };
}
