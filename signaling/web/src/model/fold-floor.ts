import type { Floor, FloorRequest, RoomEvent, Settings, Speech } from "./types";

const OPEN = new Set(["pending", "accepted"]);

/**
 * The floor after the event. Events carry the state they lead to, so four rules fold them: a `request` replaces the one
 * of its id and goes when it has ended, an `order` renumbers, a `speech` replaces the one of its request, and the rest
 * is assigned. A new agenda item starts the count of what was spoken anew.
 */
export function foldFloor(floor: Floor, event: RoomEvent): Floor {
  let next = floor;
  if ("request" in event) next = withRequest(next, event.request);
  if ("order" in event) next = withOrder(next, event.order, event.overrode === true);
  if ("speech" in event && event.speech) next = withSpeech(next, event.speech);
  if ("list" in event) next = { ...next, list: event.list };
  switch (event.type) {
    case "chair.changed": next = { ...next, chair: event.chair }; break;
    case "chair.priority": next = { ...next, chair_priority: event.on }; break;
    case "floor.settings": next = withSettings(next, event.settings); break;
    case "floor.item":
    case "floor.item_ended": next = { ...next, spoken: {} }; break;
    case "floor.roll_call": next = { ...next, roll_call: event.open }; break;
  }
  return next === floor ? floor : clocked({ ...next, version: event.seq });
}

function withSettings(floor: Floor, settings: Settings): Floor {
  const { mode, policy, nom } = settings;
  return { ...floor, mode, policy, nom, settings };
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

/** The new positions. An order that the chair has set pins every entry to its position. */
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

/** A speech replaces the one of its request. Once it has ended it counts as spoken by its delegation. */
function withSpeech(floor: Floor, speech: Speech): Floor {
  const others = floor.speeches.filter((s) => s.request !== speech.request);
  if (!speech.ended_at) return { ...floor, speeches: [...others, speech] };
  return { ...floor, speeches: others, spoken: withSpoken(floor.spoken, speech) };
}

function withSpoken(spoken: Floor["spoken"], speech: Speech): Floor["spoken"] {
  if (!speech.delegation || speech.kind === "point_of_order") return spoken;
  const before = spoken[speech.delegation] ?? { times: 0, consumed_ms: 0, unused_ms: 0 };
  // A speaker who was passed in mid-speech goes on later: the time counts, and the speech is not over.
  const times = before.times + (speech.how === "passed" ? 0 : 1);
  return { ...spoken, [speech.delegation]: { ...before, times, consumed_ms: before.consumed_ms + speech.consumed_ms } };
}

/** The clock shown is that of the longest live speech, or of the longest suspended one where none is live. */
function clocked(floor: Floor): Floor {
  const holder = floor.granted.find((r) => r.substate !== "suspended") ?? floor.granted[0];
  return { ...floor, speech: floor.speeches.find((s) => s.request === holder?.id) ?? null };
}
