import { t } from "../i18n";
import { timeIn } from "../i18n/format";
import { nameOf } from "../model/names";
import { urgent } from "../model/order";
import type { FloorRequest, Room } from "../model/types";
import { useDesk, type Desk } from "../state/act";
import { you } from "../state/room";
import { Refusal } from "./Refusal";
import { WithWord } from "./console/WithWord";

/** Points of order, above everything: everybody sees them, and the chair must rule on them. */
export function PointOfOrder({ room }: { room: Room }) {
  const desk = useDesk();
  const points = urgent(room.floor);
  if (points.length === 0) return null;
  const rules = you.value?.role === "moderator";
  return (
    <section class="point" aria-label={t("kind.point_of_order")} data-testid="point-of-order">
      {points.map((point) => (
        <div key={point.id} class="point-row">
          <p>
            <strong>{t("point.raised", { name: nameOf(room, point.beneficiary) })}</strong>
            <small>{words(point)}{point.info && <q>{point.info}</q>}</small>
          </p>
          {rules && point.state !== "accepted" && <Ruling point={point} name={nameOf(room, point.beneficiary)} desk={desk} />}
        </div>
      ))}
      <Refusal desk={desk} />
    </section>
  );
}

function words(point: FloorRequest): string {
  if (point.state === "accepted") return t("point.upheld");
  if (point.state === "granted") return t("point.heard");
  const at = point.asked_at ? timeIn(new Date(point.asked_at)) : "";
  return t("point.waits", { time: at });
}

function Ruling({ point, name, desk }: { point: FloorRequest; name: string; desk: Desk }) {
  const request = point.id;
  const about = (action: string) => t("console.about", { action, name });
  return (
    <div class="actions">
      {point.state === "pending" && <button type="button" aria-label={about(t("point.hear"))} onClick={() => void desk.act("floor.grant", { request })}>{t("point.hear")}</button>}
      <button type="button" class="strong" aria-label={about(t("point.uphold"))} onClick={() => void desk.act("floor.accept", { request })}>{t("point.uphold")}</button>
      <WithWord does={t("point.overrule")} name={name} act={(reason) => void desk.act("floor.deny", { request, ...(reason && { reason }) })} />
    </div>
  );
}
