import { t } from "../i18n";
import { milliseconds, ordinal } from "../i18n/format";
import { isUrgent } from "../model/order";
import { figures, link, room, you } from "../state/room";

/** The state of the connection in words. While it is lost: what is kept for the participant. */
export function Connection() {
  const state = link.value;
  const f = figures.value;
  return (
    <p class={`connection ${state}`} role="status" data-testid="connection" title={f ? t("link.figures", { rtt: milliseconds(f.rttMs ?? 0), path: f.protocol }) : undefined}>
      {words()}
    </p>
  );
}

function words(): string {
  switch (link.value) {
    case "connected": return t("link.state.connected");
    case "media": return t("link.state.media");
    case "media_lost": return t("trouble.media_lost");
    case "reconnecting": return troubleWords();
    default: return t("link.state.connecting");
  }
}

function troubleWords(): string {
  const floor = room.value?.floor;
  const me = you.value?.person;
  if (floor?.granted.some((g) => g.beneficiary === me)) return t("trouble.reconnecting_floor");
  const place = floor?.requests.find((q) => q.beneficiary === me && !isUrgent(q.kind))?.position;
  return place ? t("trouble.reconnecting_place", { place: ordinal(place) }) : t("trouble.reconnecting");
}
