import { t } from "../i18n";
import { milliseconds } from "../i18n/format";
import { figures, link } from "../state/room";

/** How this device is connected, in words. */
export function Connection() {
  const state = link.value === "connected" || link.value === "media" || link.value === "connecting" ? link.value : "reconnecting";
  const f = figures.value;
  return (
    <span class={`connection ${state}`} role="status" data-testid="connection" title={f ? t("link.figures", { rtt: milliseconds(f.rttMs ?? 0), path: f.protocol }) : undefined}>
      {t(`link.state.${state}`)}
    </span>
  );
}
