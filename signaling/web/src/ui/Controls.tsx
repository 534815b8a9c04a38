import { t } from "../i18n";
import { sends } from "../media/open-sources";
import { otherKinds, ownPoint } from "../model/main-action";
import type { Kind } from "../model/types";
import { useDesk, type Desk } from "../state/act";
import { room, you } from "../state/room";
import { Booth, BoothMore } from "./Booth";
import { MainButton } from "./MainButton";
import { NextButton } from "./NextButton";
import { Refusal } from "./Refusal";
import { SoundChannel } from "./SoundChannel";
import { Sources } from "./Sources";
import { YieldTo } from "./YieldTo";

/** The bar under the stage: the one main button, what else may be asked for now, and one's own sources. */
export function Controls() {
  const me = you.value;
  const r = room.value;
  const desk = useDesk();
  if (!me || !r) return null;
  const point = ownPoint(r.floor, me);
  const ask = (kind: Kind) => void desk.act("floor.request", { kind });
  return (
    <section class="controls" aria-label={t("room.controls")}>
      {sends(me.role) && <Sources />}
      <div class="decisive" id="main-action" tabIndex={-1}><Decisive desk={desk} /></div>
      <div class="more">
        {me.role === "interpreter" && <BoothMore room={r} you={me} desk={desk} />}
        <YieldTo room={r} you={me} desk={desk} />
        {point && <button type="button" class="urgent-button" onClick={() => void desk.act("floor.cancel", { request: point.id })}>{t("action.withdraw_kind", { kind: t("kind.point_of_order") })}</button>}
        {otherKinds(r.floor, me).map((kind) => <button key={kind} type="button" class={kind === "point_of_order" ? "urgent-button" : undefined} data-testid={`ask-${kind}`} onClick={() => ask(kind)}>{t(`kind.${kind}`)}</button>)}
      </div>
      <Refusal desk={desk} />
      <SoundChannel room={r} you={me} />
    </section>
  );
}

/** The one thing that somebody of this role can do now. */
function Decisive({ desk }: { desk: Desk }) {
  switch (you.value?.role) {
    case "moderator": return <NextButton desk={desk} />;
    case "interpreter": return <Booth desk={desk} />;
    default: return <MainButton desk={desk} />;
  }
}
