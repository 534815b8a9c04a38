import { MicOff } from "lucide";
import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import { cough, coughing } from "../../media/cough";
import { shortcutsOn } from "../../state/shortcuts";
import { Icon } from "../Icon";

/** The key that silences the microphone while it is held. */
const COUGH_KEY = "c";

/** Held, it silences the interpreter at once. It works by pointer, by its own keys, and by C anywhere but in a field. */
export function CoughButton() {
  useEffect(() => {
    const isKey = (event: KeyboardEvent) =>
      event.key.toLowerCase() === COUGH_KEY && !event.ctrlKey && !event.metaKey && !event.altKey;
    const down = (event: KeyboardEvent) =>
      isKey(event) && shortcutsOn.value && !event.isComposing && !isField(event.target) && cough(true);
    const up = (event: KeyboardEvent) => isKey(event) && cough(false);
    const end = () => cough(false);
    addEventListener("keydown", down);
    addEventListener("keyup", up);
    // A key or a button that is let go of elsewhere is never heard of.
    addEventListener("blur", end);
    return () => {
      end();
      removeEventListener("keydown", down);
      removeEventListener("keyup", up);
      removeEventListener("blur", end);
    };
  }, []);
  const onKey = (held: boolean) => (event: KeyboardEvent) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    cough(held);
  };
  const press = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    cough(true);
  };
  return (
    <button
      type="button"
      class={`dock-button cough ${coughing.value ? "off" : ""}`}
      aria-pressed={coughing.value}
      aria-keyshortcuts={shortcutsOn.value ? "C" : undefined}
      aria-label={t("booth.cough_name")}
      title={t("booth.cough_name")}
      data-testid="cough"
      onPointerDown={press}
      onPointerUp={() => cough(false)}
      onPointerCancel={() => cough(false)}
      onLostPointerCapture={() => cough(false)}
      onKeyDown={onKey(true)}
      onKeyUp={onKey(false)}
      onBlur={() => cough(false)}
      onContextMenu={(event) => event.preventDefault()}
    >
      <span class="dock-icon">
        <Icon of={MicOff} />
      </span>
      <span class="dock-words">{t(coughing.value ? "booth.coughing" : "booth.cough")}</span>
    </button>
  );
}

function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("input:not([type=range]), textarea, select, [contenteditable]");
}
