import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import type { Room } from "../../model/types";
import { consoleCommands, useCommands, type Commands } from "../../state/commands";
import { may } from "../../state/permissions";
import { mayChair } from "../console/Console";
import { sinceWords } from "./RecordingSign";

/** Whether this participant may switch the recording now: an operator always, a moderator with the chair's authority. */
function maySwitch(room: Room): boolean {
  return may.value.has("record.start") && (!may.value.has("chair.take") || mayChair(room));
}

/**
 * Switches the recording of the room. Both buttons have one place; what is pressed twice starts it and asks, because only
 * the answer to a question stops it.
 */
export function RecordingSwitch({ room }: { room: Room }) {
  const own = useCommands();
  const inConsole = may.value.has("chair.take");
  // The head of the console has a place for a refusal, so that nothing moves.
  const commands = inConsole ? consoleCommands : own;
  const asks = useSignal(false);
  const busy = useSignal(false);
  if (!may.value.has("record.start")) return null;
  const records = room.recording != null;
  const idle = busy.value || !maySwitch(room);
  const press = async () => {
    if (idle) return;
    if (records) return void (asks.value = true);
    busy.value = true;
    await commands.execute("record.start");
    busy.value = false;
  };
  return (
    <div class="recording-switch" role="group" aria-label={t("recorded.controls")} data-testid="recording-switch">
      <p>
        {records && <span class="recording-dot" aria-hidden="true" />}
        <span>{sinceWords(room) ?? t("recorded.off")}</span>
      </p>
      <button type="button" aria-disabled={idle} data-testid="recording-toggle" onClick={() => void press()}>
        {t(records ? "recorded.stop" : "recorded.start")}
      </button>
      {!inConsole && own.refused.value && (
        <p class="refusal" role="alert">
          {own.refused.value}
        </p>
      )}
      {asks.value && records && <StopQuestion commands={commands} close={() => (asks.value = false)} />}
    </div>
  );
}

/** The answer that has the focus goes on recording, so that a key pressed twice stops nothing. */
function StopQuestion({ commands, close }: { commands: Commands; close(): void }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => ref.current?.showModal(), []);
  const stop = () => {
    close();
    void commands.execute("record.stop");
  };
  return (
    <dialog ref={ref} class="question" aria-labelledby="stop-title" data-testid="stop-question" onClose={close}>
      <h2 id="stop-title">{t("recorded.stop_question")}</h2>
      <p>{t("recorded.stop_body")}</p>
      <div class="actions">
        <button type="button" class="main" onClick={close}>
          {t("recorded.keep")}
        </button>
        <button type="button" class="danger" onClick={stop}>
          {t("recorded.stop")}
        </button>
      </div>
    </dialog>
  );
}
