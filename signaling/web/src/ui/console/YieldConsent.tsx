import { t } from "../../i18n";
import { nameOf } from "../../model/names";
import type { FloorRequest, Room } from "../../model/types";
import { orderCommands } from "../../state/commands";
import { OrderButton } from "./OrderButton";

/** A speaker wishes to yield the rest of the time, which the chair approves. */
export function YieldConsent({ room, request, to }: { room: Room; request: FloorRequest; to: string }) {
  return (
    <div class="note" role="note">
      <p>{t("console.yields", { name: nameOf(room, request.beneficiary), to: nameOf(room, to) })}</p>
      <OrderButton class="strong" press={() => void orderCommands.execute("floor.yield", { request: request.id })}>
        {t("console.consent")}
      </OrderButton>
    </div>
  );
}
