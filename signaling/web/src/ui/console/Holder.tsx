import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { nameOf } from "../../model/names";
import type { FloorRequest, Room, Speech } from "../../model/types";
import { useDesk, type Desk } from "../../state/act";
import { Clock } from "../Clock";
import { Refusal } from "../Refusal";
import { WithWord } from "./WithWord";

const EXTENSIONS = [1, 2, 5];

/** What the chair can do with the one who has the floor. */
export function Holder({ room, request }: { room: Room; request: FloorRequest }) {
  const desk = useDesk();
  const name = nameOf(room, request.beneficiary);
  const speech = speechOf(room, request);
  const id = { request: request.id };
  const card = useFocusAfter(speech?.asked === true);
  return (
    <div ref={card} tabIndex={-1} class={`holder ${request.substate ?? ""}`} data-testid="holder">
      <p class="eyebrow">{t("console.holder")}</p>
      <div class="holder-name"><strong>{name}</strong>{speech && <Clock speech={speech} />}</div>
      {speech?.absent_since && <Absent room={room} speech={speech} name={name} request={request} desk={desk} />}
      {request.yields_to && <YieldConsent room={room} request={request} to={request.yields_to.person} desk={desk} />}
      <div class="actions">
        <span class="split">
          {EXTENSIONS.map((minutes) => <button key={minutes} type="button" aria-label={t("console.extend", { minutes })} onClick={() => void desk.act("floor.extend", { ...id, by_ms: minutes * 60_000 })}>{t("console.extend_short", { minutes })}</button>)}
        </span>
        <Mute room={room} person={request.beneficiary} desk={desk} />
        {request.substate === "suspended"
          ? <button type="button" onClick={() => void desk.act("floor.resume", id)}>{t("console.resume")}</button>
          : <button type="button" onClick={() => void desk.act("floor.suspend", id)}>{t("console.suspend")}</button>}
        <WithWord danger does={t("console.revoke")} name={name} act={(reason) => void desk.act("floor.revoke", { ...id, ...(reason && { reason }) })} />
      </div>
      <Refusal desk={desk} />
    </div>
  );
}

/** Takes the focus once a question is answered, for the buttons that it had are gone with it. */
function useFocusAfter(asked: boolean) {
  const card = useRef<HTMLDivElement>(null);
  const wasAsked = useRef(asked);
  useEffect(() => {
    if (wasAsked.current && !asked && document.activeElement === document.body) card.current?.focus();
    wasAsked.current = asked;
  }, [asked]);
  return card;
}

export function speechOf(room: Room, request: FloorRequest) {
  return room.floor.speeches.find((speech) => speech.request === request.id) ?? null;
}

export function Mute({ room, person, desk }: { room: Room; person: string; desk: Desk }) {
  const muted = room.participants.find((p) => p.person === person)?.muted === true;
  return <button type="button" aria-pressed={muted} onClick={() => void desk.act("participant.mute", { person, on: !muted })}>{t(muted ? "console.unmute" : "console.mute")}</button>;
}

interface Missing {
  room: Room;
  speech: Speech;
  name: string;
  request: FloorRequest;
  desk: Desk;
}

/** The holder's connection is lost; after the grace the chair is asked what to do, and has the answers beside the question. */
function Absent({ room, speech, name, request, desk }: Missing) {
  const seconds = Math.round(room.floor.settings.reconnect_grace_ms / 1000);
  if (!speech.asked) {
    return <p class="note warn" role="note">{t(speech.waits_until ? "console.waiting" : "console.absent", { name, seconds })}</p>;
  }
  const answer = (does: "wait" | "pass" | "revoke", words: string) => (
    <button type="button" class={does === "revoke" ? "danger" : undefined} aria-label={t("console.about", { action: words, name })} onClick={() => void desk.act(`floor.${does}`, { request: request.id })}>{words}</button>
  );
  return (
    <div class="note warn" role="group" aria-label={t("console.absent_question")} data-testid="absent-question">
      <p>{t("console.absent_asked", { name })}</p>
      <div class="actions">
        {answer("wait", t("console.wait", { seconds }))}
        {request.kind !== "point_of_order" && answer("pass", t("console.pass_keep"))}
        {answer("revoke", t("console.revoke"))}
      </div>
    </div>
  );
}

function YieldConsent({ room, request, to, desk }: { room: Room; request: FloorRequest; to: string; desk: Desk }) {
  return (
    <div class="note" role="note">
      <p>{t("console.yields", { name: nameOf(room, request.beneficiary), to: nameOf(room, to) })}</p>
      <button type="button" class="strong" onClick={() => void desk.act("floor.yield", { request: request.id })}>{t("console.consent")}</button>
    </div>
  );
}
