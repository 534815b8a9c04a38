import { t } from "../i18n";
import { milliseconds } from "../i18n/format";
import { hasWebRtc } from "../media/support";
import { figures, link, room, you } from "../state/room";
import { troubleWords } from "./trouble-words";

/** The state of the connection in words. While it is lost: what is kept for the participant. */
export function Connection() {
  const state = link.value;
  const f = figures.value;
  return (
    <p
      class={`connection ${state}`}
      role="status"
      data-testid="connection"
      title={f && f.rttMs !== null ? t("link.figures", { rtt: milliseconds(f.rttMs), path: f.protocol }) : undefined}
    >
      {words()}
    </p>
  );
}

function words(): string {
  switch (link.value) {
    case "connected":
      return t("link.state.connected");
    case "media":
      return t(hasWebRtc ? "link.state.media" : "trouble.no_webrtc");
    case "media_lost":
      return t(hasWebRtc ? "trouble.media_lost" : "trouble.no_webrtc");
    case "reconnecting":
      return troubleWords(room.value?.floor, you.value?.person);
    default:
      return t("link.state.connecting");
  }
}
