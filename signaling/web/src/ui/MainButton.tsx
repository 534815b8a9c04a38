import { useSignal } from "@preact/signals";
import { t } from "../i18n";
import { ordinal } from "../i18n/format";
import { mainAction, type MainAction } from "../model/main-action";
import type { Commands } from "../state/commands";
import { connected, room, you } from "../state/room";
import { shortcutsOn } from "../state/shortcuts";

/** The main button: the one thing that the participant can do now. */
export function MainButton({ commands }: { commands: Commands }) {
  const working = useSignal(false);
  const r = room.value;
  const me = you.value;
  if (!r || !me) return null;
  const action = mainAction(r.floor, me, connected.value);
  // Nothing to press for somebody who only follows: a dead button would ask to be pressed.
  if (action.does === "nothing" && action.why === "viewer")
    return (
      <p class="main-note" data-testid="main-button">
        {words(action)}
      </p>
    );
  const press = async () => {
    working.value = true;
    await perform(action, commands);
    working.value = false;
  };
  return (
    <button
      type="button"
      class={`main ${action.does}`}
      data-testid="main-button"
      aria-keyshortcuts={action.does === "ask" && shortcutsOn.value ? "F" : undefined}
      disabled={action.does === "nothing" || action.does === "passed" || working.value}
      onClick={() => void press()}
    >
      {working.value ? t("main.working") : words(action)}
    </button>
  );
}

function words(action: MainAction): string {
  switch (action.does) {
    case "withdraw":
      return action.position ? t("main.withdraw", { place: ordinal(action.position) }) : t("main.withdraw_pending");
    case "nothing":
      return t(`main.${action.why}`);
    default:
      return t(`main.${action.does}`);
  }
}

async function perform(action: MainAction, { execute }: Commands): Promise<unknown> {
  switch (action.does) {
    case "ask":
      return execute("floor.request");
    case "withdraw":
      return execute("floor.cancel", { request: action.request.id });
    case "end":
    case "suspended":
      return execute("floor.release", { request: action.request.id });
    case "use_device":
      return execute("device.use");
    default:
      return undefined;
  }
}
