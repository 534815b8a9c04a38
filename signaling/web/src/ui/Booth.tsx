import { t } from "../i18n";
import { languageName } from "../i18n/format";
import { booths, FLOOR, partners, type BoothState } from "../model/channels";
import type { Channel, Room, You } from "../model/types";
import type { Commands } from "../state/commands";
import { connected, heard, room, you } from "../state/room";
import { listenTo } from "../state/sound";
import { ServerLevel } from "./ServerLevel";

/** The interpreter's main button: takes a channel or leaves it, and says whether listeners hear it. */
export function Booth({ commands }: { commands: Commands }) {
  const r = room.value;
  const me = you.value;
  if (!r || !me) return null;
  if (!connected.value) return <button type="button" class="main" disabled>{t("main.away")}</button>;
  if (me.publishing === false) return <button type="button" class="main" onClick={() => void commands.execute("device.use")}>{t("main.use_device")}</button>;
  return (
    <div class="booth" role="group" aria-label={t("interpret.title")} data-testid="booth">
      {booths(r, me).map((state) => <ChannelButton key={state.channel.language} state={state} commands={commands} />)}
    </div>
  );
}

/** While interpreting: the level that the server receives, the source, and the partners to hand over to. */
export function BoothMore({ room: r, you: me, commands }: { room: Room; you: You; commands: Commands }) {
  const mine = r.channels.find((c) => c.interpreter === me.person);
  if (!mine) return null;
  const handOver = (to: string) => void commands.execute("channel.hand_over", { language: mine.language, to });
  return (
    <>
      <div class="booth-level"><ServerLevel heard={heard.value} /></div>
      <SourceChoice room={r} channel={mine} commands={commands} />
      {partners(r, me).map((p) => <button key={p.person} type="button" onClick={() => handOver(p.person)}>{t("interpret.hand_over", { name: p.name })}</button>)}
    </>
  );
}

function ChannelButton({ state, commands }: { state: BoothState; commands: Commands }) {
  const { channel } = state;
  const language = <b lang={channel.language}>{languageName(channel.language)}</b>;
  const take = () => void commands.execute("channel.take", { language: channel.language });
  switch (state.does) {
    case "wait": return <p>{t("interpret.taken", { name: state.for })} {language}</p>;
    case "take": return <button type="button" class="main" onClick={take}>{t("interpret.into")} {language}</button>;
    case "take_over": return <button type="button" class="main" onClick={take}>{t("interpret.take_over", { name: state.from })} {language}</button>;
    case "stop": return (
      <>
        <button type="button" class="main end" onClick={() => void commands.execute("channel.release", { language: channel.language })}>{t("interpret.stop")} {language}</button>
        <p role="status" class={state.heard ? "live" : "suspended"}>{t(state.heard ? "interpret.heard" : "interpret.not_heard")}</p>
      </>
    );
  }
}

/** The source of the interpretation. The interpreter also listens to it from then on. */
function SourceChoice({ room: r, channel, commands }: { room: Room; channel: Channel; commands: Commands }) {
  const others = r.channels.filter((c) => c.language !== channel.language);
  if (others.length === 0) return null;
  const choose = async (source: string) => {
    if (await commands.execute("channel.relay", { language: channel.language, source })) listenTo(source);
  };
  return (
    <select aria-label={t("interpret.from")} value={channel.source ?? FLOOR} onChange={(e) => void choose(e.currentTarget.value)}>
      <option value={FLOOR}>{t("interpret.from_floor")}</option>
      {others.map((c) => <option key={c.language} value={c.language} lang={c.language}>{t("interpret.from_language", { language: languageName(c.language) })}</option>)}
    </select>
  );
}
