import { t } from "../i18n";
import { ordinal } from "../i18n/format";
import { clockFace } from "../model/clock";
import { aboutMinutes, waitFor } from "../model/estimate";
import { isOnDeck } from "../model/main-action";
import { nameOf } from "../model/names";
import { listed } from "../model/order";
import type { Floor } from "../model/types";
import { microphone } from "../media/devices";
import { heardLevel, offset, room, you } from "../state/room";
import { Level } from "./Level";
import { ListState } from "./ListState";

/** Louder than this is voice. */
const VOICE_DBOV = -50;

/** The speaking order as a delegate sees it, the own place pinned on top. */
export function OrderList() {
  const r = room.value;
  const me = you.value;
  if (!r || !me) return null;
  const mine = r.floor.requests.find((q) => q.beneficiary === me.person);
  const entries = listed(r.floor);
  return (
    <section class="panel">
      <h2>{t("order.title")}</h2>
      <ListState list={r.floor.list} />
      {mine && <p class="pinned">{isOnDeck(r.floor, me) ? t("order.on_deck") : placeWords(r.floor, mine.position)}</p>}
      {isOnDeck(r.floor, me) && <Level track={microphone.value} />}
      {isOnDeck(r.floor, me) && heardLevel.value !== null && heardLevel.value > VOICE_DBOV && <p class="dim" role="status">{t("order.heard_by_server")}</p>}
      {entries.length === 0 && <p class="dim">{t("order.empty")}</p>}
      <ol class="order" data-testid="order-list">
        {entries.map((q) => (
          <li key={q.id} class={q.beneficiary === me.person ? "own" : undefined}>
            <span class="place">{q.position}</span><span><strong>{nameOf(r, q.beneficiary)}</strong><small>{t(`kind.${q.kind}`)}</small></span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function placeWords(floor: Floor, position: number | null | undefined): string {
  if (!position) return t("order.mine_pending");
  const left = floor.speech ? clockFace(floor.speech, Date.now() + offset.value, 0).remainingMs : 0;
  return t("order.mine_about", { place: ordinal(position), minutes: aboutMinutes(waitFor(floor, position, left)) });
}
