import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { asksToLeave, stay } from "../state/leaving";
import { room, you } from "../state/room";
import { leave } from "../state/seat";

/** Asked when Back was pressed in the room. Escape stays. */
export function LeaveQuestion() {
  const ref = useRef<HTMLDialogElement>(null);
  const asks = asksToLeave.value;
  useEffect(() => {
    if (asks) ref.current?.showModal();
  }, [asks]);
  if (!asks) return null;
  const holds = room.value?.floor.granted.some(
    ({ beneficiary, kind }) => beneficiary === you.value?.person && kind !== "address",
  );
  return (
    <dialog ref={ref} class="question" aria-labelledby="leave-title" data-testid="leave-question" onCancel={stay}>
      <h2 id="leave-title">{t("leave.title")}</h2>
      <p>{t(holds ? "leave.holder" : "leave.body")}</p>
      <div class="actions">
        <button type="button" class="main" onClick={stay}>
          {t("leave.stay")}
        </button>
        <button type="button" onClick={leave}>
          {t("room.leave")}
        </button>
      </div>
    </dialog>
  );
}
