import { signal } from "@preact/signals";
import type { Conference, You } from "../model/types";
import { renewInMs } from "../session/token";
import { conference as fetchConference, redeem, renew } from "../wire/http";
import { Refused } from "../wire/socket";

/** Which screen the page shows. */
export type Screen = "opening" | "no_link" | "bad_link" | "unreachable" | "seat" | "room" | "health" | "unauthorized";

export const screen = signal<Screen>("opening");
/** The room whose record is being read, over whatever screen there is. */
export const reading = signal<string | null>(null);
export const problem = signal("");
export const person = signal<You | null>(null);
export const conference = signal<Conference | null>(null);
export const token = signal("");

let invitation = "";
let timer: ReturnType<typeof setTimeout> | undefined;

/** Opens the seat with the link's secret. */
export async function openSeat(secret: string): Promise<boolean> {
  invitation = secret;
  try {
    await redeemAgain();
    conference.value = await fetchConference(token.value);
    return true;
  } catch (error) {
    const refused = error instanceof Refused && (error.problem.status ?? 0) < 500;
    problem.value = refused ? (error.problem.detail ?? "") : "";
    screen.value = refused ? "bad_link" : "unreachable";
    return false;
  }
}

/** A fresh token from the same invitation: after a restart of the server or a long sleep. */
export async function redeemAgain(): Promise<void> {
  const redeemed = await redeem(invitation);
  const who = redeemed.person;
  person.value = { ...who, person: who.person ?? who.id ?? "" };
  hold(redeemed.token, redeemed.expires);
}

function hold(fresh: string, expires: string): void {
  token.value = fresh;
  clearTimeout(timer);
  timer = setTimeout(() => void keep(), renewInMs(expires, Date.now()));
}

async function keep(): Promise<void> {
  try {
    const fresh = await renew(token.value);
    hold(fresh.token, fresh.expires);
  } catch {
    await redeemAgain().catch(() => (timer = setTimeout(() => void keep(), 15_000)));
  }
}
