/** What the server says, as the wire has it. Fields the client can do without are optional. */

export type Role = "delegate" | "moderator" | "clerk" | "interpreter" | "operator" | "viewer";
export type Kind = "statement" | "response" | "reply" | "point_of_order" | "motion";
export type RequestState = "pending" | "accepted" | "granted" | "released" | "revoked" | "denied" | "cancelled";
export type ListState = "not_open" | "open" | "closed" | "replies" | "concluded" | "adjourned";
export type Colour = "green" | "amber" | "red";

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
  requested_by?: string;
  priority?: number;
  position?: number | null;
  asked_at?: string;
  info?: string | null;
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
}

export interface SpeakersList {
  state: ListState;
  closes_at?: string | null;
}

export interface Floor {
  version?: number;
  mode: "moderated" | "queue" | "open" | "direct";
  policy: string;
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
  spoken?: Record<string, { times: number; consumed_ms: number }>;
  settings?: Settings;
}

export interface Settings {
  mode?: Floor["mode"];
  policy?: string;
  nom?: number;
  limit_ms?: number;
  warning_ms?: number;
}

export interface AgendaItem {
  /** Absent in a room's own snapshot. */
  room?: string;
  title: string;
  kind: string;
  starts: string;
  minutes: number;
  speakers?: string[];
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
  floor: Floor;
  agenda: AgendaItem[];
  chat: ChatLine[];
}

export interface You {
  person: string;
  name: string;
  role: Role;
  delegation?: string | null;
  /** The rooms the invitation is for; none named means all. */
  rooms?: string[] | null;
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
  shows?: { participant: string; source: "microphone" | "camera" | "screen"; stage?: boolean } | null;
}
