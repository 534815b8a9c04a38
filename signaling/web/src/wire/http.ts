import type {
  Answers,
  Bodies,
  ConferenceFacts,
  FloorView,
  Health,
  Posted,
  Proceedings,
  Redeemed,
  RoomListed,
  Secret,
  SittingRecorded,
  SpeechRecorded,
  TakeListed,
  TalkEnded,
  Subtitles,
} from "./generated/http";
import { apiUrl } from "./address";
import { Refused } from "./refused";

/** A connection that a sleep of the device has severed answers nothing, for minutes. */
const REQUEST_TIMEOUT_MS = 20_000;

/** Exchanges an invitation's secret for a short-lived token. */
export function redeem(invitation: string): Promise<Redeemed> {
  return post("POST /invitations/redeem", null, {}, { invitation });
}

export function renew(token: string): Promise<Secret> {
  return post("POST /token/renew", token, {}, {});
}

export function conference(token: string): Promise<ConferenceFacts> {
  return get("GET /conference", token);
}

/** The rooms that the person may enter, each with the item that is on. */
export function rooms(token: string): Promise<RoomListed[]> {
  return get("GET /rooms", token);
}

export function health(token: string): Promise<Health> {
  return get("GET /health", token);
}

export function floor(token: string, room: string): Promise<FloorView> {
  return get("GET /rooms/{room}/floor", token, { room });
}

/** The subtitles of the recording that a room plays. */
export function subtitles(token: string, room: string, language: string): Promise<Subtitles> {
  return get("GET /rooms/{room}/recording/subtitles/{language}", token, { room, language });
}

export function proceedings(token: string, room: string): Promise<Proceedings> {
  return get("GET /rooms/{room}/proceedings", token, { room });
}

/** The takes of a room that are still there, each with a link that ends. */
export function recordedTakes(token: string, room: string): Promise<TakeListed[]> {
  return get("GET /rooms/{room}/recordings", token, { room });
}

/** The speeches of a room that can be played, each with a link that ends. */
export function recordedSpeeches(token: string, room: string): Promise<SpeechRecorded[]> {
  return get("GET /rooms/{room}/recordings/speeches", token, { room });
}

/** The sittings of a room that can be saved, each with a link that ends. */
export function recordedSittings(token: string, room: string): Promise<SittingRecorded[]> {
  return get("GET /rooms/{room}/recordings/sittings", token, { room });
}

/** Closes a call for help, with an answer that its sender reads. */
export function closeHelp(token: string, room: string, message: number, text: string): Promise<Posted> {
  return post("POST /rooms/{room}/help/close", token, { room }, text ? { message, text } : { message });
}

/** Closes the side talk of two participants. */
export function closeSideTalk(token: string, room: string, talk: string): Promise<TalkEnded> {
  return post("POST /rooms/{room}/talks/{talk}/close", token, { room, talk }, {});
}

/** Adds a correction to a room's record. */
export function correct(
  token: string,
  room: string,
  text: string,
): Promise<Answers["POST /rooms/{room}/proceedings/corrections"]> {
  return post("POST /rooms/{room}/proceedings/corrections", token, { room }, { text });
}

/** A file of the API, to be saved. A plain link cannot carry the token. */
export async function file(token: string, path: string, type: string): Promise<Blob> {
  const response = await fetch(apiUrl(path), { headers: { Accept: type, Authorization: `Bearer ${token}` } });
  if (!response.ok) throw await refusal(response);
  return response.blob();
}

function get<R extends keyof Answers>(
  route: R,
  token: string,
  parameters: Record<string, string> = {},
): Promise<Answers[R]> {
  return call(route, token, parameters);
}

function post<R extends keyof Answers>(
  route: R,
  token: string | null,
  parameters: Record<string, string>,
  body: R extends keyof Bodies ? Bodies[R] : object,
): Promise<Answers[R]> {
  return call(route, token, parameters, body);
}

/** Where the page trusts the server to answer as its published document says; the server's tests hold it to that. */
async function call<R extends keyof Answers>(
  route: R,
  token: string | null,
  parameters: Record<string, string>,
  body?: object,
): Promise<Answers[R]> {
  const [method, template = ""] = route.split(" ");
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ""));
  const headers: Record<string, string> = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  const response = await fetch(apiUrl(path), {
    method,
    headers,
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout?.(REQUEST_TIMEOUT_MS),
  });
  if (!response.ok) throw await refusal(response);
  return response.json();
}

async function refusal(response: Response): Promise<Refused> {
  const problem: unknown = await response.json().catch(() => null);
  return Refused.of(problem, response.status);
}
