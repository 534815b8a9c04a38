import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { positionText } from "../../model/recording";
import { refusalWords } from "../../state/refusal";
import { authorized } from "../../state/session";
import type { MediaItem } from "../../wire/generated/http";
import { recordingLink } from "../../wire/media";
import { SoundFacts } from "./SoundFacts";
import { useSound } from "./useSound";

/** How much of the end is played to hear whether the last word is there. */
const END_SECONDS = 5;

/** A recording as it will be played, for the one who looks at it alone: nothing of it goes to the room. */
export function RecordingPreview({ item }: { item: MediaItem }) {
  const address = useSignal<string | null>(null);
  const trouble = useSignal<string | null>(null);
  const player = useRef<HTMLVideoElement>(null);
  /** Where the player was when its link ended. */
  const at = useRef(0);
  const renewals = useRef(0);
  const open = () =>
    authorized((token) => recordingLink(token, item.id)).then(
      (link) => (address.value = link.href),
      (error: unknown) => (trouble.value = refusalWords(error)),
    );
  useEffect(() => void open(), [item.id]);
  const sound = useSound(item, address.value);
  const failed = () => {
    at.current = player.current?.currentTime ?? 0;
    // A link ends after some minutes; a file that this browser cannot show fails with a fresh one too.
    if (renewals.current++ < 1) void open();
    else trouble.value = t("recording.cannot_preview");
  };
  const ready = () => {
    renewals.current = 0;
    if (at.current > 0 && player.current) player.current.currentTime = at.current;
    at.current = 0;
  };
  const play = (from: number) => {
    if (!player.current) return;
    player.current.currentTime = Math.max(0, from);
    void player.current.play().catch(() => undefined);
  };
  return (
    <div class="preview-recording" data-testid={`preview-${item.id}`}>
      <p class="dim">{t("recording.preview_hint")}</p>
      {address.value && !trouble.value && (
        <video
          ref={player}
          src={address.value}
          controls
          playsInline
          preload="metadata"
          aria-label={t("console.about", { action: t("recording.preview"), name: item.name })}
          onError={failed}
          onLoadedMetadata={ready}
        />
      )}
      <SoundFacts sound={sound.value} />
      {trouble.value ? (
        <p class="facts bad" role="alert">
          {trouble.value}
        </p>
      ) : (
        <div class="actions">
          <button type="button" disabled={!address.value} onClick={() => play(0)}>
            {t("recording.play_beginning")}
          </button>
          <button type="button" disabled={!address.value} onClick={() => play(item.duration_ms / 1000 - END_SECONDS)}>
            {t("recording.play_end", { from: positionText(Math.max(0, item.duration_ms - END_SECONDS * 1000)) })}
          </button>
        </div>
      )}
    </div>
  );
}
