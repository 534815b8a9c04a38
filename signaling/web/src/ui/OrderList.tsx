import { t } from "../i18n";
import { factLine } from "../i18n/isolate";
import { ordinal } from "../i18n/format";
import { clockFace } from "../model/clock";
import { aboutMinutes, waitFor } from "../model/estimate";
import { isOnDeck } from "../model/main-action";
import { cityOf, nameOf } from "../model/names";
import { isUrgent, listed, waiting } from "../model/order";
import type { FloorRequest, Room, You } from "../model/types";
import { room, you } from "../state/room";
import { conference } from "../state/session";
import { absenceOf } from "./away-words";
import { ListState } from "./ListState";
import { useNow } from "./useNow";

/** The speaking order as a delegate sees it, with the delegate's own place on top. */
export function OrderList() {
  const r = room.value;
  const me = you.value;
  if (!r || !me) return null;
  const entries = listed(r.floor);
  return (
    <section class="panel">
      <div class="head">
        <h2>{t("order.title")}</h2>
        <ListState list={r.floor.list} />
      </div>
      <OwnPlace room={r} you={me} />
      {entries.length === 0 && <p class="empty">{t("order.empty")}</p>}
      <ol class="order" data-testid="order-list">
        {entries.map((q) => (
          <Line key={q.id} room={r} request={q} own={q.beneficiary === me.person} />
        ))}
      </ol>
    </section>
  );
}

function Line({ room: r, request: q, own }: { room: Room; request: FloorRequest; own: boolean }) {
  const facts = [cityOf(conference.value, q.delegation), t(`kind.${q.kind}`), absenceOf(r, q.beneficiary)];
  return (
    <li class={own ? "line own" : "line"} aria-current={own || undefined}>
      <span class="place">{q.position}</span>
      <span class="who">
        <strong>
          <bdi>{nameOf(r, q.beneficiary)}</bdi>
        </strong>
        <small>{factLine(facts)}</small>
      </span>
    </li>
  );
}

/** The own place and the estimated wait, updated as time passes. */
function OwnPlace({ room: r, you: me }: { room: Room; you: You }) {
  const now = useNow(10_000);
  const mine = r.floor.requests.find((q) => q.beneficiary === me.person && q.state !== "granted" && !isUrgent(q.kind));
  if (!mine || mine.substate === "passed") return null;
  const left = r.floor.speech ? clockFace(r.floor.speech, now, 0).remainingMs : 0;
  const place = mine.position;
  const words = !place
    ? t("order.mine_pending", { n: waiting(r.floor).length })
    : isOnDeck(r, me)
      ? t("order.on_deck")
      : t("order.mine_about", { place: ordinal(place), minutes: aboutMinutes(waitFor(r.floor, place, left)) });
  return (
    <p class="pinned" data-testid="own-place">
      {words}
    </p>
  );
}
