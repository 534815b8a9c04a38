import { batch, signal } from "@preact/signals";
import type { Conference, Person } from "../model/types";
import { NO_TOKEN, renewal, type RenewalInput } from "../session/renewal";
import { backoffMs } from "../wire/backoff";
import type { CheckFacts, IceServer, Permission, Secret } from "../wire/generated/http";
import { conference as fetchConference, redeem, renew } from "../wire/http";
import { isUnauthorized, Refused, refusesInvitation } from "../wire/refused";
import { readServerClock } from "./server-clock";
import { onWake, pauseOrWake } from "./wake";

export type Screen =
  "opening" | "no_link" | "bad_link" | "unreachable" | "seat" | "check" | "room" | "hall" | "health" | "unauthorized";

export const screen = signal<Screen>("opening");
/** The room whose proceedings are shown over the screen. */
export const reading = signal<string | null>(null);
export const problem = signal("");
export const person = signal<Person | null>(null);
/** What the check link that was opened is for: it has no person, and opens nothing but checks. `null` for an invitation. */
export const checkLink = signal<CheckFacts | null>(null);
/** The permissions of the invitation's holder. */
export const granted = signal<readonly Permission[]>([]);
export const conference = signal<Conference | null>(null);
export const token = signal("");
/** The relays that the server names, with credentials that live as long as the token at least. */
export const iceServers = signal<IceServer[]>([]);

let invitation = "";
let state = NO_TOKEN;
let timer: ReturnType<typeof setTimeout> | undefined;
/** The redemption under way, which everybody who needs a fresh token waits for. */
let redeeming: Promise<void> | null = null;

onWake(() => dispatch({ type: "woke" }));

/**
 * Opens the seat with the link's secret, however long the server cannot be reached. False where the invitation is
 * refused, or where another link was opened meanwhile.
 */
export async function openSeat(secret: string): Promise<boolean> {
  forgetInvitation();
  invitation = secret;
  for (let failures = 0; secret === invitation; failures += 1) {
    try {
      if (!token.value) await freshToken();
      if (checkLink.value) return secret === invitation;
      const facts = await authorized(fetchConference);
      if (secret !== invitation) break;
      conference.value = facts;
      return true;
    } catch (error) {
      if (secret !== invitation) break;
      if (refusesInvitation(error)) {
        problem.value = error instanceof Refused ? (error.problem.detail ?? "") : "";
        screen.value = "bad_link";
        return false;
      }
      screen.value = "unreachable";
      await pauseOrWake(backoffMs(failures));
    }
  }
  return false;
}

/** The secret of the link that is open now. What was begun for another one is nobody's any more. */
export function openedLink(): string {
  return invitation;
}

/** Forgets the invitation and everything that came with it. */
function forgetInvitation(): void {
  clearTimeout(timer);
  invitation = "";
  state = NO_TOKEN;
  redeeming = null;
  batch(() => {
    screen.value = "opening";
    reading.value = null;
    problem.value = "";
    person.value = null;
    checkLink.value = null;
    granted.value = [];
    conference.value = null;
    token.value = "";
    iceServers.value = [];
  });
}

/** Calls the API with the token, and once more with a fresh one if the server no longer takes it. */
export async function authorized<T>(call: (token: string) => Promise<T>): Promise<T> {
  const used = token.value;
  try {
    return await call(used);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    if (token.value === used) await freshToken();
    return call(token.value);
  }
}

/** Redeems the invitation for a fresh token. Rejects with the reason if that fails now; it goes on by itself later. */
export function freshToken(): Promise<void> {
  if (!redeeming) dispatch({ type: "token_refused" });
  // While a renewal is under way, or after the invitation's refusal, no redemption has begun.
  return redeeming ?? redeemNow();
}

function redeemNow(): Promise<void> {
  const secret = invitation;
  const done = redeem(secret).then((redeemed) => {
    if (secret !== invitation) throw new Error("another link was opened");
    person.value = redeemed.person ?? null;
    checkLink.value = redeemed.check ?? null;
    granted.value = redeemed.may;
    hold(redeemed);
  });
  const ended = () => {
    if (redeeming === done) redeeming = null;
  };
  done.then(ended, ended);
  return (redeeming = done);
}

function hold({ token: fresh, now, expires_in_ms, ice_servers }: Secret): void {
  token.value = fresh;
  iceServers.value = ice_servers;
  readServerClock(now);
  dispatch({ type: "token", lifetimeMs: expires_in_ms });
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
      case "stop_timer":
        clearTimeout(timer);
        break;
      case "renew":
        renewNow();
        break;
      case "redeem":
        redeemNow().catch(redemptionFailed(invitation));
        break;
    }
  }
  // Who is seated stays so until the connection ends, and then the connection says it.
  const opened = conference.value ?? checkLink.value;
  if (state.phase === "refused" && opened && screen.value !== "room" && screen.value !== "hall")
    screen.value = "unauthorized";
}

function renewNow(): void {
  // The token of a check link is not renewed: the link is redeemed again.
  if (checkLink.value) return dispatch({ type: "renewal_failed" });
  const secret = invitation;
  void renew(token.value).then(
    (fresh) => secret === invitation && hold(fresh),
    () => secret === invitation && dispatch({ type: "renewal_failed" }),
  );
}

function redemptionFailed(secret: string): (error: unknown) => void {
  return (error) => {
    if (secret === invitation)
      dispatch({ type: refusesInvitation(error) ? "invitation_refused" : "redemption_failed" });
  };
}
