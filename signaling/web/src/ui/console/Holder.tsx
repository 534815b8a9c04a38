import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { nameOf } from "../../model/names";
import type { FloorRequest, Room, Speech } from "../../model/types";
import { useCommands, type Commands } from "../../state/commands";
import { Clock } from "../Clock";
import { Refusal } from "../Refusal";
import { WithReason } from "./WithReason";

const EXTENSION_MINUTES = [1, 2, 5];

/** The holder of the floor, and the chair's actions. */
export function Holder({ room, request }: { room: Room; request: FloorRequest }) {
  const commands = useCommands();
  const name = nameOf(room, request.beneficiary);
  const speech = speechOf(room, request);
  const id = { request: request.id };
  const card = useFocusAfter(speech?.asked === true);
  return (
    <div ref={card} tabIndex={-1} class={`holder ${request.substate ?? ""}`} data-testid="holder">
      <p class="eyebrow">{t("console.holder")}</p>
      <div class="holder-name"><strong>{name}</strong>{speech && <Clock speech={speech} />}</div>
      {speech?.absent_since && <Absent room={room} speech={speech} name={name} request={request} commands={commands} />}
      {request.yields_to && <YieldConsent room={room} request={request} to={request.yields_to.person} commands={commands} />}
      <div class="actions">
        <span class="split">
          {EXTENSION_MINUTES.map((minutes) => <button key={minutes} type="button" aria-label={t("console.extend", { minutes })} onClick={() => void commands.execute("floor.extend", { ...id, by_ms: minutes * 60_000 })}>{t("console.extend_short", { minutes })}</button>)}
        </span>
        <Mute room={room} person={request.beneficiary} commands={commands} />
        {request.substate === "suspended"
          ? <button type="button" onClick={() => void commands.execute("floor.resume", id)}>{t("console.resume")}</button>
          : <button type="button" onClick={() => void commands.execute("floor.suspend", id)}>{t("console.suspend")}</button>}
        <WithReason danger does={t("console.revoke")} name={name} act={(reason) => void commands.execute("floor.revoke", { ...id, ...(reason && { reason }) })} />
      </div>
      <Refusal commands={commands} />
    </div>
  );
}

/** Takes the focus once a question is answered, because the buttons of the question are gone then. */
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

export function Mute({ room, person, commands }: { room: Room; person: string; commands: Commands }) {
  const muted = room.participants.find((p) => p.person === person)?.muted === true;
  return <button type="button" aria-pressed={muted} onClick={() => void commands.execute("participant.mute", { person, on: !muted })}>{t(muted ? "console.unmute" : "console.mute")}</button>;
}

interface AbsentProps {
  room: Room;
  speech: Speech;
  name: string;
  request: FloorRequest;
  commands: Commands;
}

/** The holder is disconnected. After the grace the chair is asked what to do, with a button for each answer. */
function Absent({ room, speech, name, request, commands }: AbsentProps) {
  const seconds = Math.round(room.floor.settings.reconnect_grace_ms / 1000);
  if (!speech.asked) {
    return <p class="note warn" role="note">{t(speech.waits_until ? "console.waiting" : "console.absent", { name, seconds })}</p>;
  }
  const answer = (does: "wait" | "pass" | "revoke", words: string) => (
    <button type="button" class={does === "revoke" ? "danger" : undefined} aria-label={t("console.about", { action: words, name })} onClick={() => void commands.execute(`floor.${does}`, { request: request.id })}>{words}</button>
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

function YieldConsent({ room, request, to, commands }: { room: Room; request: FloorRequest; to: string; commands: Commands }) {
  return (
    <div class="note" role="note">
      <p>{t("console.yields", { name: nameOf(room, request.beneficiary), to: nameOf(room, to) })}</p>
      <button type="button" class="strong" onClick={() => void commands.execute("floor.yield", { request: request.id })}>{t("console.consent")}</button>
    </div>
  );
}
