import { signal } from "@preact/signals";
import type { Conference, Person } from "../model/types";
import { renewal, type Renewal, type RenewalInput } from "../session/renewal";
import type { Permission } from "../wire/generated/http";
import { conference as fetchConference, redeem, renew } from "../wire/http";
import { Refused } from "../wire/refused";

export type Screen = "opening" | "no_link" | "bad_link" | "unreachable" | "seat" | "room" | "health" | "unauthorized";

export const screen = signal<Screen>("opening");
/** The room whose proceedings are shown over the screen. */
export const reading = signal<string | null>(null);
export const problem = signal("");
export const person = signal<Person | null>(null);
/** What the invitation lets its holder do. */
export const granted = signal<readonly Permission[]>([]);
export const conference = signal<Conference | null>(null);
export const token = signal("");

let invitation = "";
let state: Renewal = "valid";
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

/** A fresh token from the same invitation. */
export async function redeemAgain(): Promise<void> {
  const redeemed = await redeem(invitation);
  person.value = redeemed.person;
  granted.value = redeemed.may;
  hold(redeemed.token, redeemed.expires);
}

function hold(fresh: string, expires: string): void {
  token.value = fresh;
  dispatch({ type: "token", expires, now: Date.now() });
}

function dispatch(input: RenewalInput): void {
  const step = renewal(state, input);
  state = step.state;
  for (const effect of step.effects) {
    switch (effect.do) {
      case "start_timer":
        clearTimeout(timer);
        timer = setTimeout(() => dispatch({ type: "due" }), effect.ms);
        break;
      case "renew":
        void renew(token.value).then((fresh) => hold(fresh.token, fresh.expires), () => dispatch({ type: "renewal_failed" }));
        break;
      case "redeem":
        void redeemAgain().catch(() => dispatch({ type: "redemption_failed" }));
        break;
    }
  }
}
