import { t } from "../i18n";
import { timeIn } from "../i18n/format";
import { leftAt } from "../model/attendance";
import { isPlayed } from "../model/recording";
import type { Participant, Room } from "../model/types";

/** That a participant is disconnected, and since when if the server says so. */
export function awayWords({ since }: Participant & { since?: string | null }): string {
  return since ? t("room.away_since", { time: timeIn(new Date(since)) }) : t("room.away");
}

/** That somebody is not here: since when, or that the person never was. */
export function leftWords(left: string | null): string {
  return left ? t("attendance.left", { time: timeIn(new Date(left)) }) : t("attendance.never");
}

/** How a person is absent: disconnected while the place is kept, gone, or never seen. `null` for one who is here, or is played. */
export function absenceOf(room: Room, person: string): string | null {
  if (isPlayed(room.floor, person)) return null;
  const participant = room.participants.find((p) => p.person === person);
  if (!participant) return leftWords(leftAt(room, person));
  return participant.state === "away" ? awayWords(participant) : null;
}
