import type { Decision, Kind, Role } from "./types";

/** An instant in UTC and on the conference's clock, both RFC 3339. */
export interface Instant {
  utc: string;
  local: string;
}

export interface RecordedSpeech {
  request: string;
  person: string;
  name: string;
  delegation?: string | null;
  city?: string | null;
  kind: Kind;
  item?: string | null;
  asked: Instant;
  began: Instant;
  ended?: Instant | null;
  limit_ms: number;
  used_ms: number;
  extended_ms: number;
  how?: "released" | "revoked" | "yielded" | "passed" | null;
  reason?: string | null;
}

export interface RecordedPoint {
  request: string;
  person: string;
  name: string;
  city?: string | null;
  raised: Instant;
  ruling?: "upheld" | "overruled" | "withdrawn" | "heard" | null;
  word?: string | null;
  ruled?: Instant | null;
  by?: string | null;
}

/** From when to when; without an end where it has not ended. */
export interface Span {
  from: Instant;
  to?: Instant | null;
}

export interface RecordedDelegation {
  delegation: string;
  name: string;
  status: string;
  speeches: number;
  used_ms: number;
  present: boolean;
}

/** A decision of the record has the same fields as a live one, but for its times. */
export type RecordedDecision = Omit<Decision, "opened_at" | "closed_at" | "closes_at"> & {
  opened_at: Instant | string;
  closed_at?: Instant | string | null;
};

/** The record of a room, as `GET /rooms/{room}/proceedings` gives it. */
export interface Proceedings {
  version: number;
  conference: { id: string; name: string; theme?: string; time_zone: string };
  room: { id: string; title: string };
  from_seq: number;
  to_seq: number;
  generated: Instant;
  seal?: { hash: string; algorithm: string } | null;
  speeches: RecordedSpeech[];
  points_of_order: RecordedPoint[];
  decisions: RecordedDecision[];
  delegations: RecordedDelegation[];
  attendance: { person: string; name: string; role: Role; delegation?: string | null; spans: Span[] }[];
  interpretation?: { language: string; person: string; name: string; spans: Span[] }[];
  corrections: { seq: number; at: Instant; by?: string | null; about_seq?: number | null; text: string }[];
}

/** A bar of the chart: how long a delegation has spoken, and that as a share of the longest. */
export interface Bar {
  delegation: string;
  name: string;
  speeches: number;
  usedMs: number;
  share: number;
}

/** Time per delegation, the longest first; those who have not spoken are in it, because that is what a chair looks for. */
export function timePerDelegation(record: Pick<Proceedings, "delegations">): Bar[] {
  const longest = Math.max(1, ...record.delegations.map((d) => d.used_ms));
  return record.delegations
    .filter((d) => d.present || d.speeches > 0)
    .map((d) => ({ delegation: d.delegation, name: d.name, speeches: d.speeches, usedMs: d.used_ms, share: d.used_ms / longest }))
    .sort((a, b) => b.usedMs - a.usedMs || a.name.localeCompare(b.name));
}

/** The instant of a time of the record, in either form. */
export function instant(time: Instant | string | null | undefined): Date | null {
  const text = typeof time === "string" ? time : time?.utc;
  return text ? new Date(text) : null;
}
