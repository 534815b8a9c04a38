import type { ComponentChildren } from "preact";
import { orderRest, rowsRest } from "../../state/rest";

interface Props {
  class?: string;
  /** What a screen reader says, where it is more than the words. */
  name?: string;
  title?: string;
  testid?: string;
  /** Whether it stands in a row of the order, which may have moved. */
  inRow?: boolean;
  /** Whether it has nothing to do now. It keeps its place and the focus. */
  idle?: boolean;
  expanded?: boolean;
  submits?: boolean;
  press?(): void;
  children: ComponentChildren;
}

/** A button that changes the order. It rests while the order changes: it keeps its place and the focus, and takes no press. */
export function OrderButton({
  class: variant,
  name,
  title,
  testid,
  inRow,
  idle,
  expanded,
  submits,
  press,
  children,
}: Props) {
  const rests = isResting(inRow);
  // Asked again at the press: the page may not have been drawn since the rest began.
  const click = (e: Event) => (idle || isResting(inRow) ? e.preventDefault() : press?.());
  return (
    <button
      type={submits ? "submit" : "button"}
      class={`${variant ?? ""} ${rests ? "resting" : ""}`}
      aria-disabled={rests || idle === true}
      aria-label={name}
      title={title}
      aria-expanded={expanded}
      data-testid={testid}
      onClick={click}
    >
      {children}
    </button>
  );
}

function isResting(inRow: boolean | undefined): boolean {
  return orderRest.rests.value || (inRow === true && rowsRest.rests.value);
}
