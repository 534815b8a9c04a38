import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { ordinal } from "../../i18n/format";
import { listed } from "../../model/order";
import type { FloorRequest, Room } from "../../model/types";
import { orderCommands } from "../../state/commands";
import { OrderButton } from "./OrderButton";

/** Recalls a passed request to the chosen position. */
export function Recall({
  room,
  request,
  name,
  idle,
}: {
  room: Room;
  request: FloorRequest;
  name: string;
  idle: boolean;
}) {
  const places = listed(room.floor).length + 1;
  const chosen = useSignal("1");
  const position = Math.min(Number(chosen.value), places);
  return (
    <span class="split recall">
      <OrderButton
        class="strong"
        inRow
        idle={idle}
        name={t("console.about", { action: t("console.recall"), name })}
        press={() => void orderCommands.execute("floor.recall", { request: request.id, position })}
      >
        {t("console.recall")}
      </OrderButton>
      <select
        aria-label={t("console.recall_to", { name })}
        value={String(position)}
        onChange={(e) => (chosen.value = e.currentTarget.value)}
      >
        {Array.from({ length: places }, (_, i) => (
          <option key={i} value={String(i + 1)}>
            {ordinal(i + 1)}
          </option>
        ))}
      </select>
    </span>
  );
}
