import { t } from "../../i18n";
import { languageName } from "../../i18n/format";
import { booths, type BoothState } from "../../model/channels";
import { clockText } from "../../model/clock";
import type { Commands } from "../../state/commands";
import { panel, sheetOpen } from "../../state/panels";
import { connected, room, you } from "../../state/room";
import { useNow } from "../useNow";

/** With more languages than this, the dock leads to the panel, which has room for all of them. */
const MAX_IN_DOCK = 2;

/** The interpreter's main button: takes a channel or leaves it, and says whether listeners hear it. */
export function Booth({ commands }: { commands: Commands }) {
  const r = room.value;
  const me = you.value;
  if (!r || !me) return null;
  if (!connected.value)
    return (
      <button type="button" class="main" disabled>
        {t("main.away")}
      </button>
    );
  if (me.publishing === false)
    return (
      <button type="button" class="main" onClick={() => void commands.execute("device.use")}>
        {t("main.use_device")}
      </button>
    );
  const all = booths(r, me);
  return (
    <div class="booth" role="group" aria-label={t("interpret.title")} data-testid="booth">
      {all.length > MAX_IN_DOCK ? (
        <button type="button" class="main" onClick={showPanel}>
          {t("booth.choose")}
        </button>
      ) : (
        all.map((state) => <ChannelButton key={state.channel.language} state={state} commands={commands} />)
      )}
    </div>
  );
}

/** Every language of an interpreter who has more than the dock has room for. */
export function BoothChoice({ all, commands }: { all: BoothState[]; commands: Commands }) {
  if (all.length <= MAX_IN_DOCK) return null;
  return (
    <div class="booth-choice">
      {all.map((state) => (
        <ChannelButton key={state.channel.language} state={state} commands={commands} />
      ))}
    </div>
  );
}

function showPanel(): void {
  panel.value = "booth";
  sheetOpen.value = true;
}

function Countdown({ until, from }: { until: number; from: string }) {
  return <>{t("booth.from_in", { name: from, time: clockText(Math.max(0, until - useNow(250))) })}</>;
}

function ChannelButton({ state, commands }: { state: BoothState; commands: Commands }) {
  const { channel } = state;
  const language = <b lang={channel.language}>{languageName(channel.language)}</b>;
  const take = () => void commands.execute("channel.take", { language: channel.language });
  switch (state.does) {
    case "wait":
      return (
        <p class="main-note">
          {t("interpret.taken", { name: state.for })} {language}
        </p>
      );
    case "take":
      return (
        <button type="button" class="main" onClick={take}>
          <span>
            {t("interpret.into")} {language}
          </span>
        </button>
      );
    case "receive":
      return (
        <button type="button" class="main" onClick={take}>
          <span>
            {t("booth.take_now")} {language}
            <small>
              <Countdown until={state.at} from={state.from} />
            </small>
          </span>
        </button>
      );
    case "take_over":
      return (
        <button type="button" class="main" onClick={take}>
          <span>
            {t("interpret.take_over", { name: state.from })} {language}
          </span>
        </button>
      );
    case "stop":
      return (
        <button
          type="button"
          class="main end"
          onClick={() => void commands.execute("channel.release", { language: channel.language })}
        >
          <span>
            {t("interpret.stop")} {language}
            <small role="status">{t(state.heard ? "interpret.heard" : "interpret.not_heard")}</small>
          </span>
        </button>
      );
  }
}
