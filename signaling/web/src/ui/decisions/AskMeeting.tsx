import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { programme } from "../../model/agenda";
import type { Room } from "../../model/types";
import { consoleCommands } from "../../state/commands";
import { serverNow } from "../../state/server-clock";
import { DecisionKind } from "../../wire/generated/socket";
import { QuorumField, quorumOf, type QuorumChoice } from "./QuorumField";

const SECONDS = [0, 30, 60, 120, 300];

/** The chair puts a question, for objections or for a roll call. */
export function AskMeeting({ room }: { room: Room }) {
  const quorum = useSignal<QuorumChoice>({ rule: "", number: 1 });
  const kind = useSignal<DecisionKind>("no_objection");
  const question = useSignal("");
  const seconds = useSignal(60);
  const ask = async (e: Event) => {
    e.preventDefault();
    const item = programme(room.agenda, serverNow()).on?.id;
    const closes = seconds.value > 0 ? { closes_in_ms: seconds.value * 1000 } : {};
    const needs = quorumOf(quorum.value);
    const done = await consoleCommands.execute("decision.open", {
      kind: kind.value,
      question: question.value.trim(),
      ...closes,
      ...(item && { item }),
      ...(needs !== undefined && { quorum: needs }),
    });
    if (done) question.value = "";
  };
  return (
    <form class="ask-meeting" onSubmit={(e) => void ask(e)}>
      <label>
        <span>{t("decision.question")}</span>
        <input
          required
          maxLength={500}
          value={question.value}
          placeholder={t("decision.question_hint")}
          onInput={(e) => (question.value = e.currentTarget.value)}
        />
      </label>
      <QuorumField room={room} choice={quorum} />
      <div class="actions">
        <span class="split" role="group" aria-label={t("decision.how")}>
          {DecisionKind.map((k) => (
            <button key={k} type="button" aria-pressed={kind.value === k} onClick={() => (kind.value = k)}>
              {t(`decision.${k}`)}
            </button>
          ))}
        </span>
        <select
          aria-label={t("decision.closes")}
          value={String(seconds.value)}
          onChange={(e) => (seconds.value = Number(e.currentTarget.value))}
        >
          {SECONDS.map((s) => (
            <option key={s} value={String(s)}>
              {s === 0 ? t("decision.closes_by_chair") : t("decision.closes_after", { seconds: s })}
            </option>
          ))}
        </select>
        <button type="submit" class="strong">
          {t("decision.ask")}
        </button>
      </div>
    </form>
  );
}
