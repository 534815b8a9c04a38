import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";

interface Props {
  /** What the button does, such as *Deny*. */
  does: string;
  /** To whom. */
  name: string;
  act(word: string | undefined): void;
  danger?: boolean;
}

/** An action in one press; and beside it the same with a word to go with it. */
export function WithWord({ does, name, act, danger }: Props) {
  const open = useSignal(false);
  const word = useSignal("");
  const input = useRef<HTMLInputElement>(null);
  const label = t("console.about", { action: does, name });
  useEffect(() => {
    if (open.value) input.current?.focus();
  }, [open.value]);
  const submit = (e: Event) => {
    e.preventDefault();
    act(word.value.trim() || undefined);
    open.value = false;
    word.value = "";
  };
  return (
    <>
      <span class="split">
        <button type="button" class={danger ? "danger" : undefined} aria-label={label} onClick={() => act(undefined)}>{does}</button>
        <button type="button" class={danger ? "danger more-of" : "more-of"} aria-expanded={open.value} aria-label={t("console.with_word", { action: label })} onClick={() => (open.value = !open.value)}>…</button>
      </span>
      {open.value && (
        <form class="word" onSubmit={submit} onKeyDown={(e) => e.key === "Escape" && (open.value = false)}>
          <input ref={input} aria-label={t("console.word")} placeholder={t("console.word")} maxLength={300} value={word.value} onInput={(e) => (word.value = e.currentTarget.value)} />
          <button type="submit">{does}</button>
        </form>
      )}
    </>
  );
}
