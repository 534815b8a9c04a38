import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { t } from "../i18n";
import { aboutMinutes } from "../model/estimate";
import { clockFace, clockText } from "../model/clock";
import { offset, room } from "../state/room";
import { announce } from "../state/notices";

const WARNING_MS = 60_000;
const SHAPE = { green: "●", amber: "▲", red: "■" };

/** The speech's clock, counted here from the server's last word: digits, shape, colour and words together. */
export function Clock() {
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => (now.value = Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const floor = room.value?.floor;
  const speech = floor?.speech;
  const warning = floor?.settings?.warning_ms ?? WARNING_MS;
  const face = speech ? clockFace(speech, now.value + offset.value, warning) : null;
  const colour = face?.colour;
  useEffect(() => {
    if (colour === "amber") announce(t("clock.announce_amber", { minutes: aboutMinutes(warning) }));
    if (colour === "red") announce(t("clock.announce_red"));
  }, [colour]);
  if (!face) return null;
  return (
    <div class={`clock ${face.colour}`} role="timer" aria-label={t("clock.label")} data-testid="clock">
      <span aria-hidden="true">{SHAPE[face.colour]}</span>
      <b>{clockText(face.remainingMs)}</b>
      <small>{face.running ? t(`clock.${face.colour}`) : t("clock.paused")}</small>
    </div>
  );
}
