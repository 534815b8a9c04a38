import type { Desk } from "../state/act";

/** Why the last command of these controls was refused, beside them. */
export function Refusal({ desk }: { desk: Desk }) {
  return desk.refused.value ? <p class="refusal" role="alert">{desk.refused.value}</p> : null;
}
