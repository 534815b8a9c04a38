import type { IconNode } from "lucide";
import type { ComponentChildren } from "preact";
import { Icon } from "../Icon";

interface Props {
  icon: IconNode;
  /** What stands below the icon. */
  words: string;
  /** What a screen reader says, where it is more than the words. It has to contain them (WCAG 2.5.3). */
  name?: string;
  tone?: "off" | "trouble" | "urgent" | "active";
  badge?: number;
  pressed?: boolean;
  expanded?: boolean;
  controls?: string;
  disabled?: boolean;
  testid?: string;
  /** The popover that the button opens, by its id. */
  opens?: string;
  /** The key that does the same, as `aria-keyshortcuts` says it. */
  keys?: string;
  /** A click leaves the focus where it is. */
  keepsFocus?: boolean;
  onClick?(): void;
  children?: ComponentChildren;
}

/** A button of the dock: an icon with a word. Its size never changes. */
export function DockButton({
  icon,
  words,
  name,
  tone,
  badge,
  pressed,
  expanded,
  controls,
  disabled,
  testid,
  opens,
  keys,
  keepsFocus,
  onClick,
  children,
}: Props) {
  return (
    <button
      type="button"
      class={`dock-button ${tone ?? ""}`}
      aria-label={name}
      title={name ?? words}
      aria-pressed={pressed}
      aria-expanded={expanded}
      aria-controls={controls}
      disabled={disabled}
      data-testid={testid}
      popovertarget={opens}
      aria-keyshortcuts={keys}
      onMouseDown={keepsFocus ? (e) => e.preventDefault() : undefined}
      onClick={onClick}
    >
      <span class="dock-icon">
        <Icon of={icon} />
        {badge ? <b class="badge">{badge}</b> : null}
        {children}
      </span>
      <span class="dock-words">{words}</span>
    </button>
  );
}
