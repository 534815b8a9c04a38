import { t } from "../../i18n";
import { attendance, lastHere, memberCount, present } from "../../model/attendance";
import { openDecision, votesGiven } from "../../model/decision";
import { cityOf } from "../../model/names";
import type { Room } from "../../model/types";
import { conference } from "../../state/session";
import { leftWords } from "../away-words";

/** The member delegations by how they can be reached, with what the open question needs. */
export function AttendancePanel({ room }: { room: Room }) {
  const counts = attendance(room, conference.value);
  const open = openDecision(room.decisions);
  const last = new Map(counts.absent.map((id) => [id, lastHere(room, conference.value, id)]));
  const cities = {
    ...counts,
    absent: counts.absent.filter((id) => last.get(id)),
    never: counts.absent.filter((id) => !last.get(id)),
  };
  const nameWithTime = (id: string) => {
    const left = last.get(id);
    const name = cityOf(conference.value, id) ?? id;
    return left ? t("attendance.absence", { name, absence: leftWords(left) }) : name;
  };
  const group = (key: "here" | "kept" | "absent" | "never") => (
    <div class={`attendance-group ${key}`}>
      <dt>
        {t(`attendance.title_${key}`)} <span class="count">{cities[key].length}</span>
      </dt>
      <dd>{cities[key].map(nameWithTime).sort().join(" · ") || "–"}</dd>
    </div>
  );
  return (
    <section class="attendance" aria-label={t("attendance.title")} data-testid="attendance">
      <h2>{t("attendance.title")}</h2>
      <p>
        <b>{t("attendance.present", { n: present(counts), of: memberCount(counts) })}</b>
      </p>
      {open?.quorum && (
        <p class={present(counts) < open.quorum.needed ? "warn" : "dim"}>
          {t(present(counts) < open.quorum.needed ? "attendance.below" : "attendance.reached", {
            needed: open.quorum.needed,
          })}
        </p>
      )}
      {open?.kind === "roll_call" && (
        <p class="dim">{t("decision.given", { n: votesGiven(open), of: open.roll.length })}</p>
      )}
      <dl>
        {group("here")}
        {group("kept")}
        {group("absent")}
        {group("never")}
      </dl>
    </section>
  );
}
