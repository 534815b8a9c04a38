import { t } from "../i18n";
import { timeIn } from "../i18n/format";
import { nameOf } from "../model/names";
import { urgent } from "../model/order";
import type { FloorRequest, Room } from "../model/types";
import { orderCommands } from "../state/commands";
import { may } from "../state/permissions";
import { OrderButton } from "./console/OrderButton";
import { WithReason } from "./console/WithReason";

/** Points of order, above everything else. Everybody sees them, and the chair must rule on them. */
export function PointOfOrder({ room }: { room: Room }) {
  const points = urgent(room.floor);
  if (points.length === 0) return null;
  const rules = may.value.has("floor.accept");
  return (
    <section class="point" aria-label={t("kind.point_of_order")} data-testid="point-of-order">
      {points.map((point) => (
        <div key={point.id} class="point-row">
          <p>
            <strong>{t("point.raised", { name: nameOf(room, point.beneficiary) })}</strong>
            <small>
              {words(point)}
              {point.info && <q>{point.info}</q>}
            </small>
          </p>
          {rules && <Ruling point={point} name={nameOf(room, point.beneficiary)} />}
        </div>
      ))}
    </section>
  );
}

function words(point: FloorRequest): string {
  if (point.state === "granted") return t("point.heard");
  const at = point.asked_at ? timeIn(new Date(point.asked_at)) : "";
  return t("point.waits", { time: at });
}

function Ruling({ point, name }: { point: FloorRequest; name: string }) {
  const request = point.id;
  const about = (action: string) => t("console.about", { action, name });
  return (
    <div class="actions">
      {/* It keeps its place while the point is heard, so that a second click rules on nothing. */}
      <OrderButton
        idle={point.state !== "pending"}
        name={about(t("point.hear"))}
        press={() => void orderCommands.execute("floor.grant", { request })}
      >
        {t("point.hear")}
      </OrderButton>
      <OrderButton
        class="strong"
        name={about(t("point.uphold"))}
        press={() => void orderCommands.execute("floor.accept", { request })}
      >
        {t("point.uphold")}
      </OrderButton>
      <WithReason
        does={t("point.overrule")}
        name={name}
        act={(reason) => void orderCommands.execute("floor.deny", { request, ...(reason && { reason }) })}
      />
    </div>
  );
}
