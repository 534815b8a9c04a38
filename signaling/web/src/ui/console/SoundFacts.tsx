import { t } from "../../i18n";
import { number } from "../../i18n/format";
import { warningsOf } from "../../model/loudness";
import type { Measurement } from "./useSound";

/** How loud a recording is, and what an audience would notice of its sound. */
export function SoundFacts({ sound }: { sound: Measurement }) {
  if (sound === "none") return null;
  if (typeof sound === "string")
    return (
      <p class="dim" role="status" data-testid="sound-facts">
        {t(`recording.sound_${sound}`)}
      </p>
    );
  return (
    <div role="status" data-testid="sound-facts">
      {sound.lufs !== null && <p class="dim">{t("recording.loudness", { lufs: number(Math.round(sound.lufs)) })}</p>}
      {warningsOf(sound).map(({ what, value }) => (
        <p key={what} class="facts bad">
          {t(`recording.warn_${what}`, { n: number(Math.round(value)) })}
        </p>
      ))}
    </div>
  );
}
