import type { IconNode } from "lucide";
import { h } from "preact";

interface Props {
  of: IconNode;
  class?: string;
}

/** An icon as lines in the colour of the text. It says nothing to screen readers: words stand beside it. */
export function Icon({ of, class: name }: Props) {
  return (
    <svg
      class={name ? `icon ${name}` : "icon"}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {of.map(([tag, attributes], i) => h(tag, { key: i, ...attributes }))}
    </svg>
  );
}
