import { Hand, OctagonAlert } from "lucide";
import { t } from "../../i18n";
import { otherKinds, ownPoint } from "../../model/main-action";
import { asksToSpeak } from "../../model/permissions";
import type { Kind, Room, You } from "../../model/types";
import { shape } from "../../state/panels";
import { may } from "../../state/permissions";
import { YieldTo } from "../YieldTo";
import { DockButton } from "./DockButton";
import { dockCommands } from "./dock-commands";
import { closeMenu, DockMenu } from "./DockMenu";

/** The requests beside the main one: a point of order at one press, the others behind a button that is always there. */
export function Requests({ room, you }: { room: Room; you: You }) {
  if (!asksToSpeak(may.value)) return null;
  const point = ownPoint(room.floor, you);
  const kinds = otherKinds(room.floor, you);
  const ask = (kind: Kind) => {
    closeMenu();
    void dockCommands.execute("floor.request", { kind });
  };
  const apart = shape.value === "wide" || shape.value === "middle" || shape.value === "flat";
  const others = apart ? kinds.filter((kind) => kind !== "point_of_order") : kinds;
  const withdraw = () => point && void dockCommands.execute("floor.cancel", { request: point.id });
  const holds = room.floor.granted.some((g) => g.beneficiary === you.person);
  const withdrawName = t("action.withdraw_kind", { kind: t("kind.point_of_order") });
  return (
    <div class="dock-requests">
      {apart &&
        (point ? (
          <DockButton
            icon={OctagonAlert}
            tone="urgent"
            pressed
            words={t("main.withdraw_pending")}
            name={withdrawName}
            onClick={withdraw}
          />
        ) : (
          <DockButton
            icon={OctagonAlert}
            tone="urgent"
            words={t("kind.point_of_order")}
            disabled={!kinds.includes("point_of_order")}
            testid="ask-point_of_order"
            onClick={() => ask("point_of_order")}
          />
        ))}
      <DockMenu id="requests" icon={Hand} words={t("dock.requests")} name={t("dock.requests_name")}>
        <h2>{t("dock.requests_name")}</h2>
        {!apart && point && (
          <button type="button" class="danger" onClick={withdraw}>
            {withdrawName}
          </button>
        )}
        {others.map((kind) => (
          <button
            key={kind}
            type="button"
            class={kind === "point_of_order" ? "danger" : undefined}
            data-testid={`ask-${kind}`}
            onClick={() => ask(kind)}
          >
            {t(`kind.${kind}`)}
          </button>
        ))}
        <YieldTo room={room} you={you} commands={dockCommands} />
        {others.length === 0 && !holds && !point && <p class="empty">{t("dock.requests_none")}</p>}
      </DockMenu>
    </div>
  );
}
