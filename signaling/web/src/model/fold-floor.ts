import type { Floor, FloorRequest, FormerState, RoomEvent, Settings, Speech } from "./types";

const OPEN = new Set(["pending", "accepted"]);

/**
 * The floor after the event. Events carry the state they lead to, so four rules fold them: a `request` replaces the one
 * of its id and goes when it has ended, an `order` renumbers, a `speech` replaces the one of its request, and the rest
 * is assigned. A new agenda item starts the count of what was spoken anew.
 */
export function foldFloor(floor: Floor, event: RoomEvent, itemIsOn = false): Floor {
  let next = floor;
  if ("request" in event) next = withRequest(next, event.request);
  if ("order" in event) next = withOrder(next, event.order, event.overrode === true);
  // The speech of a take is its request alone.
  if ("speech" in event && event.type !== "record.take" && event.speech) next = withSpeech(next, event.speech);
  if ("list" in event) next = { ...next, list: event.list };
  switch (event.type) {
    case "chair.changed":
      next = { ...next, chair: event.chair };
      break;
    case "chair.priority":
      next = { ...next, chair_priority: event.on };
      break;
    case "floor.settings":
      next = withSettings(next, event.settings);
      break;
    case "floor.item":
    case "floor.item_ended":
      next = { ...next, spoken: {} };
      break;
    case "floor.roll_call":
      next = { ...next, roll_call: event.open };
      break;
    case "floor.undoable": {
      const { id, command, about, by, until } = event;
      next = { ...next, undoable: { id, command, about, by, until } };
      break;
    }
    case "floor.undone":
      next = restored(next, event.restored, itemIsOn);
      break;
  }
  return next === floor ? floor : clocked({ ...next, version: event.seq });
}

/** The floor with the parts restored that a command had changed. What it made and began is removed. */
function restored(floor: Floor, former: FormerState, itemIsOn: boolean): Floor {
  const made = new Set(former.made ?? []);
  const kept = {
    speeches: floor.speeches.filter((s) => !made.has(s.request)),
    requests: floor.requests.filter((r) => !made.has(r.id)),
    granted: floor.granted.filter((r) => !made.has(r.id)),
  };
  let next: Floor = { ...floor, ...kept, undoable: undefined };
  for (const request of former.requests ?? []) {
    next = withRequest(next, request);
    next = { ...next, speeches: next.speeches.filter((s) => s.request !== request.id) };
  }
  const speeches = [...next.speeches, ...(former.speeches ?? [])];
  const grantedAt = (id: string) => speeches.find((s) => s.request === id)?.granted_at ?? "";
  const pins = new Map((former.pins ?? []).map((pin) => [pin.request, pin]));
  const requests = next.requests.map((r) => {
    const pin = pins.get(r.id);
    return pin ? { ...r, pinned: pin.pinned, overrode: pin.overrode } : r;
  });
  const spoken = { ...next.spoken };
  for (const had of former.spoken ?? []) spoken[had.delegation] = itemIsOn ? had.in_item : had.in_room;
  next = { ...next, speeches, spoken, requests, list: former.list ?? next.list };
  next.granted = [...next.granted].sort((a, b) => grantedAt(a.id).localeCompare(grantedAt(b.id)));
  return withPositions(next, former.order);
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
    return {
      ...floor,
      requests,
      granted: known ? floor.granted.map((r) => (r.id === request.id ? request : r)) : [...granted, request],
    };
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

function withPositions(floor: Floor, order: string[]): Floor {
  const position = new Map(order.map((id, index) => [id, index + 1]));
  return { ...floor, requests: floor.requests.map((r) => ({ ...r, position: position.get(r.id) ?? null })) };
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
