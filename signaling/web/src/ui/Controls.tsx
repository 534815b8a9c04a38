import { t } from "../i18n";
import { otherKinds, ownPoint } from "../model/main-action";
import { sendsSound } from "../model/permissions";
import type { Kind } from "../model/types";
import { useCommands, type Commands } from "../state/commands";
import { may } from "../state/permissions";
import { room, you } from "../state/room";
import { Booth, BoothMore } from "./Booth";
import { MainButton } from "./MainButton";
import { NextButton } from "./NextButton";
import { Refusal } from "./Refusal";
import { SoundChannel } from "./SoundChannel";
import { Sources } from "./Sources";
import { YieldTo } from "./YieldTo";

/** The bar under the stage: the main button, the other requests that are admissible, and the participant's sources. */
export function Controls() {
  const me = you.value;
  const r = room.value;
  const commands = useCommands();
  if (!me || !r) return null;
  const point = ownPoint(r.floor, me);
  const ask = (kind: Kind) => void commands.execute("floor.request", { kind });
  return (
    <section class="controls" aria-label={t("room.controls")}>
      {sendsSound(may.value) && <Sources />}
      <div class="decisive" id="main-action" tabIndex={-1}><Decisive commands={commands} /></div>
      <div class="more">
        {may.value.has("channel.take") && <BoothMore room={r} you={me} commands={commands} />}
        <YieldTo room={r} you={me} commands={commands} />
        {point && <button type="button" class="urgent-button" onClick={() => void commands.execute("floor.cancel", { request: point.id })}>{t("action.withdraw_kind", { kind: t("kind.point_of_order") })}</button>}
        {otherKinds(r.floor, me).map((kind) => <button key={kind} type="button" class={kind === "point_of_order" ? "urgent-button" : undefined} data-testid={`ask-${kind}`} onClick={() => ask(kind)}>{t(`kind.${kind}`)}</button>)}
      </div>
      <Refusal commands={commands} />
      <SoundChannel room={r} you={me} />
    </section>
  );
}

/** The one main button of this participant. */
function Decisive({ commands }: { commands: Commands }) {
  if (may.value.has("floor.next")) return <NextButton commands={commands} />;
  if (may.value.has("channel.take")) return <Booth commands={commands} />;
  return <MainButton commands={commands} />;
}
