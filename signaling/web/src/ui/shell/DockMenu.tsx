import type { IconNode } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { DockButton } from "./DockButton";

interface Props {
  id: string;
  icon: IconNode;
  words: string;
  name?: string;
  badge?: number;
  disabled?: boolean;
  tone?: "trouble" | "active";
  children: ComponentChildren;
}

const MARGIN_PX = 8;

/** A button of the dock that opens a popover. One is open at a time; Escape closes it, and the focus returns to the button. */
export function DockMenu({ id, icon, words, name, badge, disabled, tone, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open) return;
    const place = () => box.current && placeAbove(box.current, document.querySelector(`[popovertarget="${id}"]`));
    place();
    addEventListener("resize", place);
    const observer = new ResizeObserver(place);
    if (box.current) observer.observe(box.current);
    box.current?.focus({ preventScroll: true });
    return () => {
      removeEventListener("resize", place);
      observer.disconnect();
    };
  }, [open]);
  return (
    <>
      <DockButton
        icon={icon}
        words={words}
        name={name}
        badge={badge}
        disabled={disabled}
        tone={tone}
        expanded={open}
        opens={id}
        testid={`dock-${id}`}
      />
      <div
        ref={box}
        id={id}
        class="menu"
        popover="auto"
        role="dialog"
        aria-label={name ?? words}
        tabIndex={-1}
        onToggle={(e) => setOpen(e.newState === "open")}
      >
        {open && children}
      </div>
    </>
  );
}

/** Puts a popover beside its button, inside the window: above it, or to its left where the dock stands at the side. */
function placeAbove(box: HTMLElement, button: Element | null): void {
  if (!button) return;
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const aside = button.closest('[data-shape="flat"]') !== null;
  const left = aside
    ? (button.closest(".dock")?.getBoundingClientRect().left ?? at.left) - width - MARGIN_PX
    : at.left + at.width / 2 - width / 2;
  const top = aside
    ? at.bottom - height
    : (button.closest(".dock")?.getBoundingClientRect().top ?? at.top) - height - MARGIN_PX;
  box.style.left = `${Math.max(MARGIN_PX, Math.min(left, innerWidth - width - MARGIN_PX))}px`;
  box.style.top = `${Math.max(MARGIN_PX, Math.min(top, innerHeight - height - MARGIN_PX))}px`;
}

/** Closes the popover that is open, after something in it was chosen. */
export function closeMenu(): void {
  document.querySelector<HTMLElement>(".menu:popover-open")?.hidePopover();
}
