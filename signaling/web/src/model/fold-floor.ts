import type { Floor, FloorRequest, RoomEvent, Speech, SpeakersList } from "./types";

const OPEN = new Set(["pending", "accepted", "granted"]);

/**
 * The floor after the event. Events carry the state they lead to, so folding is four rules: a `request` replaces
 * the one of its id (and goes when it has ended), `order` renumbers, a `speech` replaces, the rest is assigned.
 */
export function foldFloor(floor: Floor, event: RoomEvent): Floor {
  let next = floor;
  if (isRequest(event.request)) next = withRequest(next, event.request);
  if (Array.isArray(event.order)) next = withOrder(next, event.order as string[]);
  if (isSpeech(event.speech)) next = withSpeech(next, event.speech);
  if (event.type.startsWith("list.") && event.list) next = { ...next, list: event.list as SpeakersList };
  if (event.type === "chair.changed") next = { ...next, chair: (event.chair as string | null) ?? null };
  if (event.type === "chair.priority") next = { ...next, priority_on: event.on === true };
  if (event.type === "floor.settings") next = { ...next, ...(event.settings as Partial<Floor>) };
  return next === floor ? floor : { ...next, version: event.seq };
}

function withRequest(floor: Floor, request: FloorRequest): Floor {
  const rest = floor.requests.filter((r) => r.id !== request.id);
  const granted = floor.granted.filter((r) => r.id !== request.id);
  if (!OPEN.has(request.state)) return { ...floor, requests: rest, granted, ...endOf(floor, request.id) };
  if (request.state === "granted") return { ...floor, requests: rest, granted: [...granted, request] };
  return { ...floor, requests: [...rest, request], granted };
}

function withOrder(floor: Floor, order: string[]): Floor {
  const requests = floor.requests.map((r) => {
    const index = order.indexOf(r.id);
    return { ...r, position: index < 0 ? null : index + 1 };
  });
  return { ...floor, requests };
}

function withSpeech(floor: Floor, speech: Speech): Floor {
  const speeches = [...(floor.speeches ?? []).filter((s) => s.request !== speech.request), speech];
  if (speech.ended_at) return { ...floor, speeches, ...endOf(floor, speech.request) };
  return { ...floor, speech, speeches };
}

/** The clock goes with the request it belongs to; with several open microphones another one's clock takes its place. */
function endOf(floor: Floor, request: string): Pick<Floor, "speech"> {
  if (floor.speech?.request !== request) return { speech: floor.speech };
  const holders = new Set(floor.granted.filter((r) => r.id !== request).map((r) => r.id));
  return { speech: (floor.speeches ?? []).find((s) => holders.has(s.request) && !s.ended_at) ?? null };
}

function isRequest(value: unknown): value is FloorRequest {
  return typeof value === "object" && value !== null && "id" in value && "state" in value;
}

function isSpeech(value: unknown): value is Speech {
  return typeof value === "object" && value !== null && "limit_ms" in value && "consumed_ms" in value;
}
