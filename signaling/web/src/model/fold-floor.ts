import type { Floor, FloorRequest, RoomEvent, Settings, Speech, SpeakersList } from "./types";

const OPEN = new Set(["pending", "accepted"]);

/**
 * The floor after the event. Events carry the state they lead to, so folding is four rules: a `request` replaces
 * the one of its id (and goes when it has ended), `order` renumbers, a `speech` replaces, the rest is assigned. What was
 * spoken counts anew in a new agenda item.
 */
export function foldFloor(floor: Floor, event: RoomEvent): Floor {
  let next = floor;
  if (isRequest(event.request)) next = withRequest(next, event.request);
  if (Array.isArray(event.order)) next = withOrder(next, event.order as string[], event.overrode === true);
  if (isSpeech(event.speech)) next = withSpeech(next, event.speech);
  if (event.type.startsWith("list.") && event.list) next = { ...next, list: event.list as SpeakersList };
  if (event.type === "chair.changed") next = { ...next, chair: (event.chair as string | null) ?? null };
  if (event.type === "chair.priority") next = { ...next, chair_priority: event.on === true };
  if (event.type === "floor.settings") next = withSettings(next, event.settings as Settings);
  if (event.type === "floor.item" || event.type === "floor.item_ended") next = { ...next, spoken: {} };
  if (event.type === "floor.roll_call") next = { ...next, roll_call: event.open === true };
  return next === floor ? floor : clocked({ ...next, version: event.seq });
}

function withSettings(floor: Floor, settings: Settings): Floor {
  const { mode = floor.mode, policy = floor.policy, nom = floor.nom } = settings;
  return { ...floor, mode, policy, nom, settings: { ...floor.settings, ...settings } };
}

function withRequest(floor: Floor, request: FloorRequest): Floor {
  const requests = floor.requests.filter((r) => r.id !== request.id);
  const granted = floor.granted.filter((r) => r.id !== request.id);
  if (request.state === "granted") {
    const known = floor.granted.some((r) => r.id === request.id);
    return { ...floor, requests, granted: known ? floor.granted.map((r) => (r.id === request.id ? request : r)) : [...granted, request] };
  }
  if (OPEN.has(request.state)) requests.push(request);
  return { ...floor, requests, granted };
}

/** The new places; a whole order that the chair has set pins every entry where it stands. */
function withOrder(floor: Floor, order: string[], overrode: boolean): Floor {
  const requests = floor.requests.map((r) => {
    const index = order.indexOf(r.id);
    if (index < 0) return { ...r, position: null };
    const position = index + 1;
    const pinned = overrode || r.pinned ? position : r.pinned;
    return { ...r, position, pinned, overrode: overrode || r.overrode };
  });
  return { ...floor, requests };
}

/** A speech replaces the one of its request; when it has ended it goes over into what its delegation has had. */
function withSpeech(floor: Floor, speech: Speech): Floor {
  const others = speechesOf(floor).filter((s) => s.request !== speech.request);
  if (!speech.ended_at) return { ...floor, speeches: [...others, speech] };
  return { ...floor, speeches: others, spoken: withSpoken(floor.spoken ?? {}, speech) };
}

function withSpoken(spoken: NonNullable<Floor["spoken"]>, speech: Speech): NonNullable<Floor["spoken"]> {
  if (!speech.delegation || speech.kind === "point_of_order") return spoken;
  const had = spoken[speech.delegation] ?? { times: 0, consumed_ms: 0 };
  // One who was passed in mid-speech goes on later: the time counts, and the speech is not over.
  const times = had.times + (speech.how === "passed" ? 0 : 1);
  const now = { ...had, times, consumed_ms: had.consumed_ms + speech.consumed_ms };
  return { ...spoken, [speech.delegation]: now };
}

/** The clock shown is the longest live holder's, else the longest suspended one's. */
function clocked(floor: Floor): Floor {
  const holder = floor.granted.find((r) => r.substate !== "suspended") ?? floor.granted[0];
  return { ...floor, speech: speechesOf(floor).find((s) => s.request === holder?.id) ?? null };
}

function speechesOf(floor: Floor): Speech[] {
  return floor.speeches ?? (floor.speech ? [floor.speech] : []);
}

function isRequest(value: unknown): value is FloorRequest {
  return typeof value === "object" && value !== null && "id" in value && "state" in value;
}

function isSpeech(value: unknown): value is Speech {
  return typeof value === "object" && value !== null && "limit_ms" in value && "consumed_ms" in value;
}
