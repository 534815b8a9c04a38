import { t } from "../../i18n";
import { momentIn } from "../../i18n/format";
import type { Displays } from "../../model/health";
import { serverNow } from "../../state/server-clock";
import { roomName } from "./room-name";

/** The screens of halls that are connected now, by room, with since when. */
export function DisplayList({ displays }: { displays: Displays[] }) {
  const now = new Date(serverNow());
  return (
    <section class="card" data-testid="displays">
      <h2>{t("health.displays")}</h2>
      {displays.length === 0 && <p class="empty">{t("health.no_displays")}</p>}
      <ul class="displays">
        {displays.map(({ room, room_title, since }) => (
          <li key={room}>
            <strong>
              <bdi>{roomName(room, room_title)}</bdi>
            </strong>
            <span>{t("health.display_count", { n: since.length })}</span>
            <small>
              {t("health.display_since")}{" "}
              {since.map((at, i) => (
                <>
                  {i > 0 && " · "}
                  <time dateTime={at}>{momentIn(new Date(at), now)}</time>
                </>
              ))}
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}
