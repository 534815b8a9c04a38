import { ownMicrophone } from "../../state/live-state";
import { isHeard } from "../../model/live-state";
import { reception } from "../../state/room";

/** A level that counts as full. */
const FULL_DBOV = 60;

/** The own microphone's level as the server measures it, on its button. It is empty while the server hears nothing. */
export function MicrophoneMeter() {
  const share = isHeard(ownMicrophone.value) ? Math.max(0, Math.min(1, 1 + reception.value.dbov / FULL_DBOV)) : 0;
  return (
    <span class="microphone-meter" aria-hidden="true" data-testid="microphone-meter" data-level={share.toFixed(2)}>
      <i style={{ transform: `scaleY(${share.toFixed(2)})` }} />
    </span>
  );
}
