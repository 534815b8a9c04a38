import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { OrderButton } from "./OrderButton";

interface Props {
  /** What the button does, such as *Deny*. */
  does: string;
  name: string;
  act(reason: string | undefined): void;
  danger?: boolean;
  inRow?: boolean;
  idle?: boolean;
}

/** A button for an action that changes the order, and beside it one for the same action with a reason. */
export function WithReason({ does, name, act, danger, inRow, idle }: Props) {
  const open = useSignal(false);
  const reason = useSignal("");
  const input = useRef<HTMLInputElement>(null);
  const more = useRef<HTMLButtonElement>(null);
  const label = name ? t("console.about", { action: does, name }) : does;
  useEffect(() => {
    if (open.value) input.current?.focus();
  }, [open.value]);
  const close = () => {
    open.value = false;
    reason.value = "";
    more.current?.focus();
  };
  const submit = (e: Event) => {
    e.preventDefault();
    act(reason.value.trim() || undefined);
    close();
  };
  return (
    <span class="with-reason">
      <span class="split">
        <OrderButton
          class={danger ? "danger" : undefined}
          name={label}
          inRow={inRow}
          idle={idle}
          press={() => act(undefined)}
        >
          {does}
        </OrderButton>
        <button
          ref={more}
          type="button"
          class={danger ? "danger more-of" : "more-of"}
          aria-expanded={open.value}
          aria-label={t("console.with_reason", { action: label })}
          onClick={() => (open.value = !open.value)}
        >
          …
        </button>
      </span>
      {/* It lies over what is below, because a row that grew would move the others. */}
      {open.value && (
        <form class="word" onSubmit={submit} onKeyDown={(e) => e.key === "Escape" && (e.stopPropagation(), close())}>
          <input
            ref={input}
            aria-label={t("console.reason")}
            placeholder={t("console.reason")}
            maxLength={300}
            value={reason.value}
            onInput={(e) => (reason.value = e.currentTarget.value)}
          />
          <OrderButton submits inRow={inRow} idle={idle}>
            {does}
          </OrderButton>
        </form>
      )}
    </span>
  );
}
