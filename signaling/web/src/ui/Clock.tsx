import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { clockFace, clockText } from "../model/clock";
import { aboutMinutes } from "../model/estimate";
import type { Speech } from "../model/types";
import { announce } from "../state/notices";
import { room } from "../state/room";
import { useNow } from "./useNow";

const DEFAULT_WARNING_MS = 60_000;
const SHAPE = { green: "●", amber: "▲", red: "■" };

/** A speech's clock, counted here from the server's last figure: digits, shape, colour and words together. */
export function Clock({ speech, announces }: { speech: Speech; announces?: boolean }) {
  const now = useNow(250);
  const warning = room.value?.floor.settings.warning_ms ?? DEFAULT_WARNING_MS;
  const face = clockFace(speech, now, warning);
  useEffect(() => {
    if (!announces) return;
    if (face.colour === "amber") announce(t("clock.announce_amber", { minutes: aboutMinutes(warning) }));
    if (face.colour === "red") announce(t("clock.announce_red"));
  }, [face.colour]);
  return (
    <div class={`clock ${face.colour}`} role="timer" aria-label={t("clock.label")} data-testid="clock">
      <span aria-hidden="true">{SHAPE[face.colour]}</span>
      <b>{clockText(face.remainingMs)}</b>
      <small>
        {!face.running ? t("clock.paused") : speech.recorded ? t("recording.playing") : t(`clock.${face.colour}`)}
      </small>
    </div>
  );
}
