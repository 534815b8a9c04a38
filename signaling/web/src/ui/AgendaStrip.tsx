import { t } from "../i18n";
import { timeIn } from "../i18n/format";
import { programme } from "../model/agenda";
import { aboutMinutes } from "../model/estimate";
import { titleOf } from "../model/names";
import type { Agenda } from "../model/types";
import { instantOf } from "../model/zone";
import { conference } from "../state/session";
import { useNow } from "./useNow";

/** The current item, the next one and the delay, in one line. */
export function AgendaStrip({ agenda }: { agenda: Agenda }) {
  const now = useNow(15_000);
  const { on, next, lateMs } = programme(agenda, now);
  if (!on && !next) return null;
  const zone = conference.value?.time_zone;
  return (
    <p class="strip" data-testid="agenda-strip">
      {on && (
        <span class="strip-item" title={titleOf(on)}>
          <b>{t("agenda.on")}</b> {titleOf(on)}
        </span>
      )}
      {next && (
        <span class="strip-item strip-next" title={titleOf(next)}>
          <b>{t("agenda.next")}</b> <time dateTime={next.starts}>{timeIn(instantOf(next.starts, "UTC"), zone)}</time>{" "}
          {titleOf(next)}
        </span>
      )}
      {lateMs >= 60_000 && <span class="late">{t("agenda.late", { minutes: aboutMinutes(lateMs) })}</span>}
    </p>
  );
}
