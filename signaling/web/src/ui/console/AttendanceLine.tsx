import { t } from "../../i18n";
import { attendance, memberCount } from "../../model/attendance";
import { openDecision, votesGiven } from "../../model/decision";
import type { Room } from "../../model/types";
import { conference } from "../../state/session";

/** How many members are here, how many places are kept, and what the open question needs. */
export function AttendanceLine({ room }: { room: Room }) {
  const counts = attendance(room, conference.value);
  const open = openDecision(room.decisions);
  return (
    <p class="attendance-line" data-testid="attendance-line">
      <span>
        <b>{t("attendance.here", { here: counts.here.length, of: memberCount(counts) })}</b>
      </span>
      {counts.kept.length > 0 && <span>{t("attendance.kept", { count: counts.kept.length })}</span>}
      {counts.absent.length > 0 && <span>{t("attendance.absent", { count: counts.absent.length })}</span>}
      {open?.quorum && <span>{t("attendance.quorum", { needed: open.quorum.needed })}</span>}
      {open?.kind === "roll_call" && <span>{t("decision.given", { n: votesGiven(open), of: open.roll.length })}</span>}
    </p>
  );
}
