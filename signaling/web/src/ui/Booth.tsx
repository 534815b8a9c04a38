import { t } from "../i18n";
import { languageName } from "../i18n/format";
import { booths, FLOOR, partners, type Booth as State } from "../model/channels";
import type { Channel, Room, You } from "../model/types";
import type { Desk } from "../state/act";
import { connected, heard, room, you } from "../state/room";
import { listenTo } from "../state/sound";
import { ServerLevel } from "./ServerLevel";

/** An interpreter's place: take a channel, hand it over, leave it; and whether one is heard. */
export function Booth({ desk }: { desk: Desk }) {
  const r = room.value;
  const me = you.value;
  if (!r || !me) return null;
  if (!connected.value) return <button type="button" class="main" disabled>{t("main.away")}</button>;
  if (me.publishing === false) return <button type="button" class="main" onClick={() => void desk.act("device.use")}>{t("main.use_device")}</button>;
  return (
    <div class="booth" role="group" aria-label={t("interpret.title")} data-testid="booth">
      {booths(r, me).map((state) => <Place key={state.channel.language} state={state} desk={desk} />)}
    </div>
  );
}

/** What else concerns one who interprets: how loud he is, from what he interprets, and who could go on. */
export function BoothMore({ room: r, you: me, desk }: { room: Room; you: You; desk: Desk }) {
  const mine = r.channels.find((c) => c.interpreter === me.person);
  if (!mine) return null;
  const handOver = (to: string) => void desk.act("channel.hand_over", { language: mine.language, to });
  return (
    <>
      <div class="booth-level"><ServerLevel heard={heard.value} /></div>
      <Source room={r} channel={mine} desk={desk} />
      {partners(r, me).map((p) => <button key={p.person} type="button" onClick={() => handOver(p.person)}>{t("interpret.hand_over", { name: p.name })}</button>)}
    </>
  );
}

function Place({ state, desk }: { state: State; desk: Desk }) {
  const { channel } = state;
  const language = <b lang={channel.language}>{languageName(channel.language)}</b>;
  const take = () => void desk.act("channel.take", { language: channel.language });
  switch (state.does) {
    case "wait": return <p>{t("interpret.taken", { name: state.for })} {language}</p>;
    case "take": return <button type="button" class="main" onClick={take}>{t("interpret.into")} {language}</button>;
    case "take_over": return <button type="button" class="main" onClick={take}>{t("interpret.take_over", { name: state.from })} {language}</button>;
    case "stop": return (
      <>
        <button type="button" class="main end" onClick={() => void desk.act("channel.release", { language: channel.language })}>{t("interpret.stop")} {language}</button>
        <p role="status" class={state.heard ? "live" : "suspended"}>{t(state.heard ? "interpret.heard" : "interpret.not_heard")}</p>
      </>
    );
  }
}

/** From what one interprets; that is also what one listens to from then on. */
function Source({ room: r, channel, desk }: { room: Room; channel: Channel; desk: Desk }) {
  const others = r.channels.filter((c) => c.language !== channel.language);
  if (others.length === 0) return null;
  const choose = async (source: string) => {
    if (await desk.act("channel.relay", { language: channel.language, source })) listenTo(source);
  };
  return (
    <select aria-label={t("interpret.from")} value={channel.source ?? FLOOR} onChange={(e) => void choose(e.currentTarget.value)}>
      <option value={FLOOR}>{t("interpret.from_floor")}</option>
      {others.map((c) => <option key={c.language} value={c.language} lang={c.language}>{t("interpret.from_language", { language: languageName(c.language) })}</option>)}
    </select>
  );
}
