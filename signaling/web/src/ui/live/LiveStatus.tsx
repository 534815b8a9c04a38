import { t } from "../../i18n";
import { isHeard, isTrouble, speakerState } from "../../model/live-state";
import type { Speech } from "../../model/types";
import { ownCamera, ownMicrophone } from "../../state/live-state";
import { connected } from "../../state/room";

/** To the participant on stage: whether the room hears and sees them, or why not. It claims nothing that the server has not said. */
export function LiveStatus({ speech }: { speech: Speech | null }) {
  const state = speakerState(speech, connected.value, ownMicrophone.value);
  if (state.says === "kept")
    return (
      <span class="suspended" data-testid="live-status">
        {t("live.kept")}
      </span>
    );
  if (state.says === "suspended")
    return (
      <span class="suspended" data-testid="live-status">
        {t(`cause.${state.cause}`)}
      </span>
    );
  const { microphone } = state;
  if (microphone === "unknown") return null;
  const camera = ownCamera.value;
  const style = isHeard(microphone) ? "live" : isTrouble(microphone) ? "trouble" : "suspended";
  return (
    <span class={style} data-testid="live-status">
      {t(`live.microphone.${microphone}`)}
      {isTrouble(camera) && <small class="live-camera">{t(`live.camera.${camera}`)}</small>}
    </span>
  );
}
