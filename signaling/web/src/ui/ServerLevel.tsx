import { t } from "../i18n";
import { microphone, microphoneOpen } from "../media/devices";
import { stopwatch } from "../state/server-clock";
import { useNow } from "./useNow";
import { Level } from "./Level";

/** A lower level is no voice. */
const SILENT_DBOV = -50;
/** The server reports the level several times a second while it receives the microphone. */
const STALE_MS = 2_000;

/** The microphone's level as the server receives it, or as this device measures it until the server has reported one. */
export function ServerLevel({ heard }: { heard: { dbov: number; at: number } | null }) {
  useNow(1_000);
  if (!microphoneOpen.value || !microphone.value) return <p class="warn">{t("level.off")}</p>;
  if (!heard) return <Level track={microphone.value} />;
  const fresh = stopwatch() - heard.at < STALE_MS;
  const dbov = fresh ? heard.dbov : -127;
  const value = Math.max(0, Math.min(1, 1 + dbov / 60));
  return (
    <>
      <div class="level-box">
        <meter class="level" aria-label={t("level.server")} min={0} max={1} value={value} data-testid="server-level" />
      </div>
      <p class="dim">{t(!fresh ? "level.nothing" : dbov > SILENT_DBOV ? "level.heard" : "level.silent")}</p>
    </>
  );
}
