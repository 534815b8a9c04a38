import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { BACK_MS, positionAt, positionText, seekable, STEP_MS, type RecordedSpeech } from "../../model/recording";
import type { FloorRequest } from "../../model/types";
import { consoleCommands, orderCommands } from "../../state/commands";
import { may } from "../../state/permissions";
import { useNow } from "../useNow";
import { OrderButton } from "./OrderButton";

const STEPS: Record<string, number> = {
  ArrowLeft: -STEP_MS,
  ArrowDown: -STEP_MS,
  ArrowRight: STEP_MS,
  ArrowUp: STEP_MS,
};

/** What the chair does with a recording that has the floor. It has the size of the actions on a holder in person. */
export function RecordingActions({ request, speech }: { request: FloorRequest; speech: RecordedSpeech }) {
  const idle = !may.value.has("recording.seek");
  const now = useNow(500);
  const paused = request.substate === "suspended";
  const does = paused ? "play" : "pause";
  const back = () => void seek(positionAt(speech, now) - BACK_MS, speech);
  return (
    <div class="holder-actions playing" data-testid="recording-actions">
      <OrderButton key="pause" idle={idle} press={() => void orderCommands.execute(`recording.${does}`)}>
        {t(paused ? "recording.continue" : "recording.pause")}
      </OrderButton>
      <button type="button" disabled={idle} aria-label={t("recording.back")} title={t("recording.back")} onClick={back}>
        {t("recording.back_short")}
      </button>
      <Seek speech={speech} now={now} idle={idle} />
      <OrderButton key="stop" class="danger" idle={idle} press={() => void orderCommands.execute("recording.stop")}>
        {t("recording.stop")}
      </OrderButton>
    </div>
  );
}

/** The position, which is also where it is chosen. What is chosen is sent when the pointer or the key is released. */
function Seek({ speech, now, idle }: { speech: RecordedSpeech; now: number; idle: boolean }) {
  const chosen = useSignal<number | null>(null);
  const { duration_ms: length } = speech.recorded;
  const at = chosen.value ?? positionAt(speech, now);
  const choose = (ms: number) => (chosen.value = seekable(ms, length));
  const send = async () => {
    const to = chosen.value;
    if (to === null) return;
    await seek(to, speech);
    if (chosen.value === to) chosen.value = null;
  };
  const step = (e: KeyboardEvent) => {
    const by = STEPS[e.key];
    if (by === undefined) return;
    e.preventDefault();
    choose(at + by);
  };
  const words = t("recording.position", { at: positionText(at), of: positionText(length) });
  return (
    <label class="seek">
      <input
        type="range"
        min={0}
        max={length}
        step={1_000}
        value={at}
        disabled={idle}
        aria-label={t("recording.seek")}
        aria-valuetext={words}
        data-testid="seek"
        onInput={(e) => choose(Number(e.currentTarget.value))}
        onChange={() => void send()}
        onKeyDown={step}
        onKeyUp={(e) => e.key in STEPS && void send()}
        onBlur={() => void send()}
      />
      <span>{words}</span>
    </label>
  );
}

async function seek(ms: number, { recorded }: RecordedSpeech): Promise<void> {
  await consoleCommands.execute("recording.seek", { position_ms: seekable(ms, recorded.duration_ms) });
}
