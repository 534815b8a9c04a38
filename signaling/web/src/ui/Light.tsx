import { t } from "../i18n";
import type { Light as State } from "../model/entry";

const SHAPE: Record<State, string> = { sending: "●", listening: "◐", absent: "○" };

/** The connection of a participant as shape, colour and words; of one who is absent, how and since when. */
export function Light({ state, absence }: { state: State; absence?: string | null }) {
  return (
    <span class={`light ${state}`}>
      <span aria-hidden="true">{SHAPE[state]}</span> {absence ?? t(`light.${state}`)}
    </span>
  );
}
