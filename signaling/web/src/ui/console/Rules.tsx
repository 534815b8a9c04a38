import { t } from "../../i18n";
import type { Key } from "../../i18n/en";
import type { Floor, Settings } from "../../model/types";
import { useDesk } from "../../state/act";
import { room } from "../../state/room";
import { Refusal } from "../Refusal";
import { ChairOnly } from "./Console";

const MODES = ["moderated", "queue", "open", "direct"];
const POLICIES = ["fifo", "agreed", "members_first", "rotation", "members_first_rotation", "protocol"];
const MINUTE = 60_000;

/** The rules of the floor. Each change counts at once, and what is shown is what the room has. */
export function Rules({ floor }: { floor: Floor }) {
  const desk = useDesk();
  const s = floor.settings ?? {};
  const set = (change: Settings) => void desk.act("floor.set", change);
  if (!room.value) return null;
  return (
    <section class="panel rules" data-testid="rules">
      <h2>{t("rules.title")}</h2>
      <p class="dim">{t("rules.lead")}</p>
      <Refusal desk={desk} />
      <ChairOnly room={room.value}>
        <Choose words={t("rules.mode")} value={floor.mode} options={MODES} name={(o) => t(`mode.${o}` as Key)} set={(mode) => set({ mode } as Settings)} />
        <Choose words={t("rules.policy")} value={floor.policy} options={POLICIES} name={(o) => t(`policy.${o}` as Key)} set={(policy) => set({ policy } as Settings)} />
        {floor.mode === "queue" && <Choose words={t("rules.advance")} value={s.advance ?? "auto"} options={["auto", "chair"]} name={(o) => t(`advance.${o}` as Key)} set={(advance) => set({ advance } as Settings)} />}
        <Amount words={t("rules.nom")} value={floor.nom} least={1} set={(nom) => set({ nom })} />
        <Choose words={t("rules.when_full")} value={s.when_full ?? "wait"} options={["wait", "override"]} name={(o) => t(`when_full.${o}` as Key)} set={(when_full) => set({ when_full } as Settings)} />
        <Amount words={t("rules.max_requests")} value={s.max_requests ?? 2} least={1} set={(max_requests) => set({ max_requests })} />
        <Limits settings={s} set={set} />
        <Choose words={t("rules.overtime")} value={s.overtime ?? "continue"} options={["continue", "mute", "revoke"]} name={(o) => t(`overtime.${o}` as Key)} set={(overtime) => set({ overtime } as Settings)} />
        <Yes words={t("rules.yielding")} value={s.yielding === true} set={(yielding) => set({ yielding })} />
        <Yes words={t("rules.carry_over")} value={s.carry_over === true} set={(carry_over) => set({ carry_over })} />
      </ChairOnly>
    </section>
  );
}

function Limits({ settings: s, set }: { settings: Settings; set(change: Settings): void }) {
  const kinds = s.limit_by_kind_ms ?? {};
  const classes = s.limit_by_class_ms ?? {};
  const limit = s.limit_ms ?? 8 * MINUTE;
  const minutes = (ms: number) => Math.round((ms / MINUTE) * 100) / 100;
  const ms = (value: number) => Math.round(value * MINUTE);
  return (
    <>
      <Amount words={t("rules.limit")} value={minutes(limit)} least={0.5} step={0.5} set={(v) => set({ limit_ms: ms(v) })} />
      <Amount words={t("rules.limit_reply")} value={minutes(kinds.reply ?? limit)} least={0.5} step={0.5} set={(v) => set({ limit_by_kind_ms: { ...kinds, reply: ms(v) } })} />
      <Amount words={t("rules.limit_point")} value={minutes(kinds.point_of_order ?? limit)} least={0.5} step={0.5} set={(v) => set({ limit_by_kind_ms: { ...kinds, point_of_order: ms(v) } })} />
      <Amount words={t("rules.limit_observer")} value={minutes(classes.observer ?? limit)} least={0.5} step={0.5} set={(v) => set({ limit_by_class_ms: { ...classes, observer: ms(v) } })} />
      <Amount words={t("rules.warning")} value={Math.round((s.warning_ms ?? MINUTE) / 1000)} least={0} step={5} set={(v) => set({ warning_ms: v * 1000 })} />
      <Amount words={t("rules.grace")} value={Math.round((s.grace_ms ?? 30_000) / 1000)} least={0} step={5} set={(v) => set({ grace_ms: v * 1000 })} />
    </>
  );
}

function Choose({ words, value, options, name, set }: { words: string; value: string; options: string[]; name(option: string): string; set(value: string): void }) {
  return (
    <label class="rule">
      <span>{words}</span>
      <select value={value} onChange={(e) => { const chosen = e.currentTarget.value; e.currentTarget.value = value; set(chosen); }}>
        {options.map((option) => <option key={option} value={option}>{name(option)}</option>)}
      </select>
    </label>
  );
}

/** A number, sent when it is done with: half-typed ones are nobody's rule. */
function Amount({ words, value, least, step = 1, set }: { words: string; value: number; least: number; step?: number; set(value: number): void }) {
  const change = (e: Event & { currentTarget: HTMLInputElement }) => {
    const wanted = e.currentTarget.valueAsNumber;
    if (Number.isFinite(wanted) && wanted >= least && wanted !== value) set(wanted);
    else e.currentTarget.value = String(value);
  };
  return <label class="rule"><span>{words}</span><input type="number" min={least} step={step} value={value} onChange={change} /></label>;
}

function Yes({ words, value, set }: { words: string; value: boolean; set(value: boolean): void }) {
  return <label class="rule"><span>{words}</span><input type="checkbox" checked={value} onChange={(e) => set(e.currentTarget.checked)} /></label>;
}

