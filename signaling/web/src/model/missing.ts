import type { DeletionReason, RecordFault, Time } from "../wire/generated/http";
import { instant, type Proceedings, type RecordedSpeech } from "./proceedings";

type Recorded = Pick<Proceedings, "recording" | "recording_gaps" | "takes">;
type Span = Pick<RecordedSpeech, "began" | "ended">;

/** Why a speech cannot be played. */
export type Missing =
  | { why: "running" | "off" | "nothing" | "unknown" }
  | { why: "deleted"; reason: DeletionReason }
  | { why: "stopped"; reason: RecordFault };

/** Why a speech of which no file is there cannot be played; `null` in a room that was never recorded. */
export function whyMissing(record: Recorded, speech: Span & Pick<RecordedSpeech, "request">): Missing | null {
  const changes = record.recording ?? [];
  if (changes.length === 0) return null;
  const takes = (record.takes ?? []).filter((take) => take.speech === speech.request);
  const [from, to] = bounds(speech.began, speech.ended);
  const switchedOn = changes.some(({ at, recording }) => recording && from < ms(at) && ms(at) < to);
  const last = changes.findLast(({ at }) => ms(at) <= from);
  if (takes.length === 0 && !switchedOn && last?.recording !== true)
    return last?.reason ? { why: "stopped", reason: last.reason } : { why: "off" };
  if (!speech.ended) return { why: "running" };
  const gap = gapsIn(record, speech)[0];
  if (takes.length === 0) return gap ? { why: "stopped", reason: gap.reason } : { why: "nothing" };
  const deletion = takes.every(({ deleted }) => deleted != null) && takes[0]?.deletion;
  return deletion ? { why: "deleted", reason: deletion } : { why: "unknown" };
}

/** The times within a speech of which less was recorded than was let through. */
export function gapsIn(record: Pick<Recorded, "recording_gaps">, { began, ended }: Span) {
  const [from, to] = bounds(began, ended);
  return (record.recording_gaps ?? []).filter((gap) => ms(gap.from) < to && ms(gap.to) > from);
}

function bounds(began: Time, ended: Time | null | undefined): [number, number] {
  return [ms(began), instant(ended)?.getTime() ?? Infinity];
}

function ms(time: Time): number {
  return instant(time).getTime();
}
