import type { Signal } from "@preact/signals";
import { t } from "../../i18n";
import { attendance, memberCount, needed, present } from "../../model/attendance";
import type { Quorum, Room } from "../../model/types";
import { conference } from "../../state/session";

/** The quorum of a question: as the rules have it, a fraction of the members, or a number of them. */
export const QUORUMS = ["", "1/2", "2/3", "3/4", "number"] as const;

export interface QuorumChoice {
  rule: (typeof QUORUMS)[number];
  number: number;
}

/** What is sent; nothing where the rules of the item or the room hold. */
export function quorumOf({ rule, number }: QuorumChoice): Quorum | undefined {
  return rule === "number" ? number : rule || undefined;
}

/** Sets a quorum, and says what it needs and who is present. */
export function QuorumField({ room, choice }: { room: Room; choice: Signal<QuorumChoice> }) {
  const counts = attendance(room, conference.value);
  const quorum = quorumOf(choice.value);
  const wanted = quorum === undefined ? null : needed(quorum, memberCount(counts));
  const missing = wanted !== null && present(counts) < wanted;
  const choose = (rule: string) =>
    (choice.value = { ...choice.value, rule: QUORUMS.find((each) => each === rule) ?? "" });
  return (
    <div class="quorum">
      <label>
        <span>{t("quorum.label")}</span>
        <select data-testid="quorum" value={choice.value.rule} onChange={(e) => choose(e.currentTarget.value)}>
          {QUORUMS.map((rule) => (
            <option key={rule} value={rule}>
              {quorumWords(rule)}
            </option>
          ))}
        </select>
      </label>
      {choice.value.rule === "number" && (
        <input
          type="number"
          min={1}
          max={memberCount(counts)}
          aria-label={t("quorum.number")}
          value={choice.value.number}
          onInput={(e) => (choice.value = { ...choice.value, number: e.currentTarget.valueAsNumber || 1 })}
        />
      )}
      <p class={missing ? "warn" : "dim"} data-testid="quorum-facts">
        {t("attendance.present", { n: present(counts), of: memberCount(counts) })}
        {wanted !== null && ` · ${t(missing ? "attendance.below" : "attendance.reached", { needed: wanted })}`}
      </p>
    </div>
  );
}

function quorumWords(rule: QuorumChoice["rule"]): string {
  if (rule === "") return t("quorum.as_set");
  if (rule === "number") return t("quorum.number");
  return t("quorum.fraction", { fraction: rule });
}
