import { t } from "../i18n";
import type { Light as State } from "../model/entry";

const SHAPE: Record<State, string> = { sending: "●", listening: "◐", absent: "○" };

/** The connection of a participant as shape, colour and words. */
export function Light({ state }: { state: State }) {
  return <span class={`light ${state}`}><span aria-hidden="true">{SHAPE[state]}</span> {t(`light.${state}`)}</span>;
}
