import type { Conference, Problem, You } from "../model/types";
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

/** The caller's own facts; the seat page greets with them. */
export function me(token: string): Promise<{ person: You & { id?: string }; rooms?: unknown }> {
  return call("GET", "/me", token);
}

export function health(token: string): Promise<unknown> {
  return call("GET", "/health", token);
}

async function call<T>(method: string, path: string, token: string | null, body?: object): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  const response = await fetch(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const answer: unknown = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused({ status: response.status, ...(answer as Problem) });
  return answer as T;
}
