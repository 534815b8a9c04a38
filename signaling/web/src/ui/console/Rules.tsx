import { t } from "../../i18n";
import type { Floor, Settings } from "../../model/types";
import { consoleCommands } from "../../state/commands";
import { Advance, Mode, Overtime, Policy, WhenFull } from "../../wire/generated/socket";
import type { Fields } from "../../wire/messages";
import { chosen } from "../chosen";
import { room } from "../../state/room";
import { ChairOnly } from "./Console";

const MINUTE_MS = 60_000;

type Change = Fields<"floor.set">;

/** The rules of the floor. Each change counts at once; the rules shown are those of the room. */
export function Rules({ floor }: { floor: Floor }) {
  const s = floor.settings;
  const set = (change: Change) => void consoleCommands.execute("floor.set", change);
  if (!room.value) return null;
  return (
    <section class="panel rules" data-testid="rules">
      <h2>{t("rules.title")}</h2>
      <p class="dim">{t("rules.lead")}</p>
      <ChairOnly room={room.value}>
        <Choose
          words={t("rules.mode")}
          value={floor.mode}
          options={Mode}
          name={(o) => t(`mode.${o}`)}
          set={(mode) => set({ mode })}
        />
        <Choose
          words={t("rules.policy")}
          value={floor.policy}
          options={Policy}
          name={(o) => t(`policy.${o}`)}
          set={(policy) => set({ policy })}
        />
        {floor.mode === "queue" && (
          <Choose
            words={t("rules.advance")}
            value={s.advance}
            options={Advance}
            name={(o) => t(`advance.${o}`)}
            set={(advance) => set({ advance })}
          />
        )}
        <Amount words={t("rules.nom")} value={floor.nom} least={1} set={(nom) => set({ nom })} />
        <Choose
          words={t("rules.when_full")}
          value={s.when_full}
          options={WhenFull}
          name={(o) => t(`when_full.${o}`)}
          set={(when_full) => set({ when_full })}
        />
        <Amount
          words={t("rules.max_requests")}
          value={s.max_requests}
          least={1}
          set={(max_requests) => set({ max_requests })}
        />
        <Limits settings={s} set={set} />
        <Choose
          words={t("rules.overtime")}
          value={s.overtime}
          options={Overtime}
          name={(o) => t(`overtime.${o}`)}
          set={(overtime) => set({ overtime })}
        />
        <Yes words={t("rules.yielding")} value={s.yielding} set={(yielding) => set({ yielding })} />
        <Yes words={t("rules.carry_over")} value={s.carry_over} set={(carry_over) => set({ carry_over })} />
      </ChairOnly>
    </section>
  );
}

function Limits({ settings: s, set }: { settings: Settings; set(change: Change): void }) {
  const kinds = s.limit_by_kind_ms ?? {};
  const classes = s.limit_by_class_ms ?? {};
  const limit = s.limit_ms;
  const minutes = (ms: number) => Math.round((ms / MINUTE_MS) * 100) / 100;
  const ms = (value: number) => Math.round(value * MINUTE_MS);
  return (
    <>
      <Amount
        words={t("rules.limit")}
        value={minutes(limit)}
        least={0.5}
        step={0.5}
        set={(v) => set({ limit_ms: ms(v) })}
      />
      <Amount
        words={t("rules.limit_reply")}
        value={minutes(kinds.reply ?? limit)}
        least={0.5}
        step={0.5}
        set={(v) => set({ limit_by_kind_ms: { ...kinds, reply: ms(v) } })}
      />
      <Amount
        words={t("rules.limit_point")}
        value={minutes(kinds.point_of_order ?? limit)}
        least={0.5}
        step={0.5}
        set={(v) => set({ limit_by_kind_ms: { ...kinds, point_of_order: ms(v) } })}
      />
      <Amount
        words={t("rules.limit_observer")}
        value={minutes(classes.observer ?? limit)}
        least={0.5}
        step={0.5}
        set={(v) => set({ limit_by_class_ms: { ...classes, observer: ms(v) } })}
      />
      <Amount
        words={t("rules.warning")}
        value={Math.round(s.warning_ms / 1000)}
        least={0}
        step={5}
        set={(v) => set({ warning_ms: v * 1000 })}
      />
      <Amount
        words={t("rules.grace")}
        value={Math.round(s.grace_ms / 1000)}
        least={0}
        step={5}
        set={(v) => set({ grace_ms: v * 1000 })}
      />
    </>
  );
}

interface Choice<T extends string> {
  words: string;
  value: T;
  options: readonly T[];
  name(option: T): string;
  set(value: T): void;
}

function Choose<T extends string>({ words, value, options, name, set }: Choice<T>) {
  const change = (e: Event & { currentTarget: HTMLSelectElement }) => {
    const wanted = chosen(options, e);
    // The old rule is shown until the room has the new one.
    e.currentTarget.value = value;
    if (wanted) set(wanted);
  };
  return (
    <label class="rule">
      <span>{words}</span>
      <select value={value} onChange={change}>
        {options.map((option) => (
          <option key={option} value={option}>
            {name(option)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A number, sent once it has been typed in full. */
function Amount({
  words,
  value,
  least,
  step = 1,
  set,
}: {
  words: string;
  value: number;
  least: number;
  step?: number;
  set(value: number): void;
}) {
  const change = (e: Event & { currentTarget: HTMLInputElement }) => {
    const wanted = e.currentTarget.valueAsNumber;
    // The old rule is shown until the room has the new one.
    e.currentTarget.value = String(value);
    if (Number.isFinite(wanted) && wanted >= least && wanted !== value) set(wanted);
  };
  return (
    <label class="rule">
      <span>{words}</span>
      <input type="number" min={least} step={step} value={value} onChange={change} />
    </label>
  );
}

function Yes({ words, value, set }: { words: string; value: boolean; set(value: boolean): void }) {
  const change = (e: Event & { currentTarget: HTMLInputElement }) => {
    const wanted = e.currentTarget.checked;
    e.currentTarget.checked = value;
    set(wanted);
  };
  return (
    <label class="rule">
      <span>{words}</span>
      <input type="checkbox" checked={value} onChange={change} />
    </label>
  );
}
