import { t } from "../i18n";
import { nameOf } from "../model/names";
import type { FloorRequest, Room } from "../model/types";
import { act } from "../state/room";
import { Clock } from "./Clock";

/** What the chair can do with the one who has the floor. */
export function Holder({ room, request }: { room: Room; request: FloorRequest }) {
  const muted = room.participants.find((p) => p.person === request.beneficiary)?.muted === true;
  const id = { request: request.id };
  return (
    <div class="holder">
      <p class="eyebrow">{t("console.holder")}</p>
      <div class="holder-name"><strong>{nameOf(room, request.beneficiary)}</strong>{room.floor.speech?.request === request.id && <Clock />}</div>
      <div class="actions">
        {[1, 2, 5].map((minutes) => <button key={minutes} type="button" aria-label={t("console.extend", { minutes })} onClick={() => void act("floor.extend", { ...id, by_ms: minutes * 60_000 })}>{t("console.extend_short", { minutes })}</button>)}
        <button type="button" aria-pressed={muted} onClick={() => void act("participant.mute", { person: request.beneficiary, on: !muted })}>{t("console.mute")}</button>
        {request.substate === "suspended"
          ? <button type="button" onClick={() => void act("floor.resume", id)}>{t("console.resume")}</button>
          : <button type="button" onClick={() => void act("floor.suspend", id)}>{t("console.suspend")}</button>}
        <button type="button" class="danger" onClick={() => void act("floor.revoke", id)}>{t("console.revoke")}</button>
      </div>
    </div>
  );
}
