/** What the server says, as the wire has it. Fields the client can do without are optional. */

export type Role = "delegate" | "moderator" | "clerk" | "interpreter" | "operator" | "viewer";
export type Kind = "statement" | "response" | "reply" | "point_of_order" | "motion";
export type RequestState = "pending" | "accepted" | "granted" | "released" | "revoked" | "denied" | "cancelled";
export type ListState = "not_open" | "open" | "closed" | "replies" | "concluded" | "adjourned";
export type Colour = "green" | "amber" | "red";
export type Mode = "moderated" | "queue" | "open" | "direct";
export type Policy = "fifo" | "agreed" | "members_first" | "rotation" | "members_first_rotation" | "protocol";
export type Class = "member" | "observer" | "guest" | "staff";
/** Why a holder is not heard. */
export type Cause = "chair" | "chair_priority" | "point_of_order" | "disconnected" | "adjourned" | "overtime" | "full" | "stalled";

export interface Participant {
  person: string;
  name: string;
  role: Role;
  delegation?: string | null;
  state: "seated" | "away";
  publishing?: boolean;
  muted?: boolean;
  joined_at?: string;
}

export interface FloorRequest {
  id: string;
  kind: Kind;
  state: RequestState;
  substate?: "passed" | "live" | "suspended" | null;
  beneficiary: string;
  delegation?: string | null;
  class?: Class;
  requested_by?: string | null;
  priority?: number;
  position?: number | null;
  /** The place the chair gave it. */
  pinned?: number | null;
  /** Whether that place is against the policy. */
  overrode?: boolean;
  /** Whether the chair let it onto a closed list. */
  admitted?: boolean;
  asked_at?: string;
  info?: string | null;
  /** To whom the holder wishes to yield, while the chair has not consented. */
  yields_to?: { person: string } | null;
}

export interface Speech {
  request: string;
  speaker: string;
  delegation?: string | null;
  kind: Kind;
  limit_ms: number;
  consumed_ms: number;
  as_of: string;
  running: boolean;
  colour: Colour;
  ended_at?: string | null;
  how?: "released" | "revoked" | "yielded" | "passed" | null;
  suspended_by?: Cause[];
  /** Since when the holder's connection is lost. */
  absent_since?: string | null;
  /** Whether the chair was asked what to do about an absent holder. */
  asked?: boolean;
  /** Until when the chair has said to wait for him. */
  waits_until?: string | null;
  overtime?: boolean;
}

export interface SpeakersList {
  state: ListState;
  closes_at?: string | null;
  adjourned_from?: ListState | null;
}

/** What a delegation has had in the current agenda item. */
export interface Spoken {
  times: number;
  consumed_ms: number;
}

export interface Floor {
  version?: number;
  mode: Mode;
  policy: Policy;
  nom: number;
  list: SpeakersList;
  chair?: string | null;
  chair_priority?: boolean;
  granted: FloorRequest[];
  requests: FloorRequest[];
  speech: Speech | null;
  /** Those not ended. */
  speeches?: Speech[];
  /** What each delegation has had. */
  spoken?: Record<string, Spoken>;
  settings?: Settings;
  /** Whether a roll call is open: only points of order may be raised then. */
  roll_call?: boolean;
}

export interface Settings {
  mode?: Mode;
  policy?: Policy;
  nom?: number;
  advance?: "auto" | "chair";
  max_requests?: number;
  when_full?: "wait" | "override";
  limit_ms?: number;
  limit_by_kind_ms?: Partial<Record<Kind, number>>;
  limit_by_class_ms?: Partial<Record<Class, number>>;
  warning_ms?: number;
  grace_ms?: number;
  overtime?: "continue" | "mute" | "revoke";
  reconnect_grace_ms?: number;
  yielding?: boolean;
  carry_over?: boolean;
}

export type ItemKind = "address" | "presentations" | "debate" | "decision" | "report";

export interface AgendaItem {
  id?: string;
  /** Absent in a room's own snapshot. */
  room?: string;
  title: string;
  kind: ItemKind;
  starts: string;
  minutes: number;
  speakers?: string[];
  state?: "planned" | "on" | "done";
  began?: string | null;
  ended?: string | null;
}

export interface Agenda {
  items: AgendaItem[];
}

export type Choice = "yes" | "no" | "abstain";

/** Something the meeting decides: by nobody objecting, or by a roll call. */
export interface Decision {
  id: string;
  kind: "no_objection" | "roll_call";
  question: string;
  state: "open" | "closed" | "withdrawn";
  opened_at?: string;
  opened_by?: string | null;
  closes_at?: string | null;
  closed_at?: string | null;
  item?: string | null;
  /** The delegations with a vote, frozen at the opening. */
  roll: { delegation: string; choice?: Choice | null; by?: string | null; at?: string | null }[];
  objections: { delegation: string; by?: string | null; at?: string | null; reason?: string | null }[];
  tally: { yes: number; no: number; abstain: number; absent: number };
  result?: "adopted" | "rejected" | "objected" | "tied" | null;
}

/** A language channel: who interprets into it, and whether its listeners hear him or the floor. */
export interface Channel {
  language: string;
  state: "interpreted" | "floor" | "interrupted";
  /** Whose it is, heard or not. */
  interpreter?: string | null;
  /** Whose it was, of one who did not come back. */
  lost?: string | null;
  /** What he interprets: `floor`, or another language. */
  source?: string;
  since?: string | null;
}

/** Somebody the chair has sent out. */
export interface Removed {
  person: string;
  name: string;
}

export interface ChatLine {
  id: string | number;
  from: string;
  to: string;
  text: string;
  at?: string;
}

export interface Room {
  id: string;
  title: string;
  gallery?: boolean;
  seq: number;
  participants: Participant[];
  /** Everybody of the conference, so that whoever was never seated has a name too. Not of the room's own snapshot. */
  people?: Person[];
  floor: Floor;
  agenda: Agenda;
  /** All that were opened in this room, oldest first. */
  decisions?: Decision[];
  /** One for each language of the conference. */
  channels?: Channel[];
  /** Those who were sent out and not admitted again. */
  removed?: Removed[];
  chat: ChatLine[];
}

/** A room as the list of rooms has it. */
export interface RoomNow {
  id: string;
  title: string;
  on?: AgendaItem | null;
  next?: AgendaItem | null;
  late_ms?: number | null;
}

export interface You {
  person: string;
  name: string;
  role: Role;
  delegation?: string | null;
  /** The rooms the invitation is for; none named means all. */
  rooms?: string[] | null;
  /** Into what an interpreter may interpret. */
  languages?: string[];
  publishing?: boolean;
  session?: string;
}

export interface Delegation {
  id: string;
  name: string;
  country: string;
  time_zone: string;
  status: "member" | "observer" | "guest";
}

/** Somebody of the conference. */
export interface Person {
  person: string;
  name: string;
  role: Role;
  delegation?: string | null;
  rooms?: string[];
}

export interface Conference {
  id: string;
  name: string;
  theme?: string;
  host?: string;
  time_zone: string;
  starts?: string;
  ends?: string;
  languages?: string[];
  delegations: Delegation[];
  people?: Person[];
  rooms: { id: string; title: string }[];
  agenda: AgendaItem[];
}

/** An RFC 9457 problem document, the only form in which anything is refused. */
export interface Problem {
  status?: number;
  title?: string;
  detail?: string;
  code?: string;
}

/** Any event of a room. `type` says which fields follow. */
export interface RoomEvent {
  seq: number;
  at?: string;
  type: string;
  [field: string]: unknown;
}

export interface SlotShows {
  mid: string;
  shows?: { participant: string; source: "microphone" | "camera" | "screen"; stage?: boolean; paused?: boolean } | null;
}
