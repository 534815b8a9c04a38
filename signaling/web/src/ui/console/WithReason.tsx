import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";

interface Props {
  /** What the button does, such as *Deny*. */
  does: string;
  name: string;
  act(reason: string | undefined): void;
  danger?: boolean;
}

/** A button for an action, and beside it one for the same action with a reason. */
export function WithReason({ does, name, act, danger }: Props) {
  const open = useSignal(false);
  const reason = useSignal("");
  const input = useRef<HTMLInputElement>(null);
  const label = t("console.about", { action: does, name });
  useEffect(() => {
    if (open.value) input.current?.focus();
  }, [open.value]);
  const submit = (e: Event) => {
    e.preventDefault();
    act(reason.value.trim() || undefined);
    open.value = false;
    reason.value = "";
  };
  return (
    <>
      <span class="split">
        <button type="button" class={danger ? "danger" : undefined} aria-label={label} onClick={() => act(undefined)}>{does}</button>
        <button type="button" class={danger ? "danger more-of" : "more-of"} aria-expanded={open.value} aria-label={t("console.with_reason", { action: label })} onClick={() => (open.value = !open.value)}>…</button>
      </span>
      {open.value && (
        <form class="word" onSubmit={submit} onKeyDown={(e) => e.key === "Escape" && (open.value = false)}>
          <input ref={input} aria-label={t("console.reason")} placeholder={t("console.reason")} maxLength={300} value={reason.value} onInput={(e) => (reason.value = e.currentTarget.value)} />
          <button type="submit">{does}</button>
        </form>
      )}
    </>
  );
}
