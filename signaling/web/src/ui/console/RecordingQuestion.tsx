import { t } from "../../i18n";
import { nameOf } from "../../model/names";
import { positionText, recordedSpeech, standsStill, type StandsStill } from "../../model/recording";
import type { Room } from "../../model/types";
import { orderCommands } from "../../state/commands";
import { isHeadShown } from "../../state/panels";
import { may } from "../../state/permissions";
import { useNow } from "../useNow";
import { mayChair } from "./Console";
import { OrderButton } from "./OrderButton";

/** That the recording has stood still for so long that the chair is asked; and whose it is. */
export interface StillAsked extends StandsStill {
  name: string;
}

export function useStillRecording(room: Room): StillAsked | null {
  const now = useNow(1_000);
  const speech = recordedSpeech(room.floor);
  const still = standsStill(speech, now);
  return still && speech ? { ...still, name: nameOf(room, speech.speaker) } : null;
}

/** The same question for the chair whose console is closed. */
export function RecordingMatter({ room }: { room: Room }) {
  const asked = useStillRecording(room);
  if (!asked || isHeadShown() || !may.value.has("recording.play") || !mayChair(room)) return null;
  return <RecordingQuestion {...asked} />;
}

/** The recording does not go on. The question stays until it does, or the chair has answered. */
export function RecordingQuestion({ name, at, failure }: StillAsked) {
  const position = positionText(at);
  const about = (action: string) => t("console.about", { action, name });
  const goOn = t("recording.continue_at", { at: position });
  return (
    <div class="note warn" role="group" aria-label={t("recording.stall_question")} data-testid="recording-question">
      <p>
        {failure
          ? t("recording.failed", { name, at: position, reason: failure })
          : t("recording.stalled", { name, at: position })}
      </p>
      <div class="actions">
        <OrderButton name={about(goOn)} press={() => void orderCommands.execute("recording.play")}>
          {goOn}
        </OrderButton>
        <OrderButton
          class="danger"
          name={about(t("recording.stop"))}
          press={() => void orderCommands.execute("recording.stop")}
        >
          {t("recording.stop")}
        </OrderButton>
      </div>
    </div>
  );
}
