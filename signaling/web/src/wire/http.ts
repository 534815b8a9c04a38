import type { Proceedings } from "../model/proceedings";
import type { Conference, Floor, Problem, RoomNow, You } from "../model/types";
import { Refused } from "./socket";

export interface Redeemed {
  token: string;
  expires: string;
  person: You & { id?: string };
}

/** Exchanges an invitation's secret for a short-lived token. */
export async function redeem(invitation: string): Promise<Redeemed> {
  return call<Redeemed>("POST", "/invitations/redeem", null, { invitation });
}

export function renew(token: string): Promise<{ token: string; expires: string }> {
  return call("POST", "/token/renew", token, {});
}

export function conference(token: string): Promise<Conference> {
  return call("GET", "/conference", token);
}

/** The rooms that one may enter, and what is on in each. */
export function rooms(token: string): Promise<RoomNow[]> {
  return call("GET", "/rooms", token);
}

export function health(token: string): Promise<unknown> {
  return call("GET", "/health", token);
}

export function floor(token: string, room: string): Promise<Floor> {
  return call("GET", `/rooms/${encodeURIComponent(room)}/floor`, token);
}

export function proceedings(token: string, room: string): Promise<Proceedings> {
  return call("GET", `/rooms/${encodeURIComponent(room)}/proceedings`, token);
}

/** Adds a correction to a room's record. */
export function correct(token: string, room: string, text: string): Promise<unknown> {
  return call("POST", `/rooms/${encodeURIComponent(room)}/proceedings/corrections`, token, { text });
}

/** A file of the API, for saving: a link cannot carry the token, so it is fetched. */
export async function file(token: string, path: string, type: string): Promise<Blob> {
  const response = await fetch(`/api/v1${path}`, { headers: { Accept: type, Authorization: `Bearer ${token}` } });
  if (!response.ok) throw await refusal(response);
  return response.blob();
}

async function call<T>(method: string, path: string, token: string | null, body?: object): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  const response = await fetch(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw await refusal(response);
  return (await response.json()) as T;
}

async function refusal(response: Response): Promise<Refused> {
  const problem = (await response.json().catch(() => ({}))) as Problem;
  return new Refused({ ...problem, status: response.status });
}
