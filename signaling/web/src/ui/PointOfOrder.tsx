import { t } from "../i18n";
import { timeIn } from "../i18n/format";
import { nameOf } from "../model/names";
import { urgent } from "../model/order";
import type { FloorRequest, Room } from "../model/types";
import { useCommands, type Commands } from "../state/commands";
import { may } from "../state/permissions";
import { Refusal } from "./Refusal";
import { WithReason } from "./console/WithReason";

/** Points of order, above everything else. Everybody sees them, and the chair must rule on them. */
export function PointOfOrder({ room }: { room: Room }) {
  const commands = useCommands();
  const points = urgent(room.floor);
  if (points.length === 0) return null;
  const rules = may.value.has("floor.accept");
  return (
    <section class="point" aria-label={t("kind.point_of_order")} data-testid="point-of-order">
      {points.map((point) => (
        <div key={point.id} class="point-row">
          <p>
            <strong>{t("point.raised", { name: nameOf(room, point.beneficiary) })}</strong>
            <small>{words(point)}{point.info && <q>{point.info}</q>}</small>
          </p>
          {rules && point.state !== "accepted" && <Ruling point={point} name={nameOf(room, point.beneficiary)} commands={commands} />}
        </div>
      ))}
      <Refusal commands={commands} />
    </section>
  );
}

function words(point: FloorRequest): string {
  if (point.state === "accepted") return t("point.upheld");
  if (point.state === "granted") return t("point.heard");
  const at = point.asked_at ? timeIn(new Date(point.asked_at)) : "";
  return t("point.waits", { time: at });
}

function Ruling({ point, name, commands }: { point: FloorRequest; name: string; commands: Commands }) {
  const request = point.id;
  const about = (action: string) => t("console.about", { action, name });
  return (
    <div class="actions">
      {point.state === "pending" && <button type="button" aria-label={about(t("point.hear"))} onClick={() => void commands.execute("floor.grant", { request })}>{t("point.hear")}</button>}
      <button type="button" class="strong" aria-label={about(t("point.uphold"))} onClick={() => void commands.execute("floor.accept", { request })}>{t("point.uphold")}</button>
      <WithReason does={t("point.overrule")} name={name} act={(reason) => void commands.execute("floor.deny", { request, ...(reason && { reason }) })} />
    </div>
  );
}
