import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { shortcutRows } from "../../model/shortcuts";
import { tabs } from "../../state/panels";
import { keysShown, keyState, shortcutsOn, turnShortcuts } from "../../state/shortcuts";

/** The keys of the room that this participant has, and the switch that turns them off. Escape closes it. */
export default function KeyList() {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => ref.current?.showModal(), []);
  const close = () => ref.current?.close();
  const rows = shortcutRows({ ...keyState(), tabs: tabs.value.length });
  return (
    <dialog
      ref={ref}
      class="question key-list"
      aria-labelledby="keys-title"
      data-testid="key-list"
      onClose={() => (keysShown.value = false)}
    >
      <h2 id="keys-title">{t("keys.title")}</h2>
      <label class="check-line">
        <input
          type="checkbox"
          checked={shortcutsOn.value}
          data-testid="shortcuts-on"
          onChange={(e) => turnShortcuts(e.currentTarget.checked)}
        />{" "}
        <span>{t("keys.on")}</span>
      </label>
      <p class="dim">{t(shortcutsOn.value ? "keys.hint" : "keys.off_hint")}</p>
      <dl class={shortcutsOn.value ? undefined : "dim"}>
        {rows.map(({ keys, does }) => (
          <div key={does}>
            <dt>
              <kbd>{keys === "space" ? t("keys.space") : keys}</kbd>
            </dt>
            <dd>{t(`keys.${does}`)}</dd>
          </div>
        ))}
      </dl>
      <div class="actions">
        <button type="button" class="main" onClick={close}>
          {t("keys.close")}
        </button>
      </div>
    </dialog>
  );
}
