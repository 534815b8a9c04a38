import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { languageName, percent } from "../../i18n/format";
import { setVolumes, volumes } from "../../media/volume";
import { booths, FLOOR, ownChannel, partners } from "../../model/channels";
import { clockText } from "../../model/clock";
import { nameOf } from "../../model/names";
import type { Channel, Room, You } from "../../model/types";
import { useCommands, type Commands } from "../../state/commands";
import { heard } from "../../state/room";
import { listenTo, sound } from "../../state/sound";
import { Refusal } from "../Refusal";
import { useNow } from "../useNow";
import { ServerLevel } from "../ServerLevel";
import { BoothChoice } from "./Booth";

/** The interpreter's desk: what is heard, what is sent, and the partner. */
export function BoothPanel({ room: r, you: me }: { room: Room; you: You }) {
  const commands = useCommands();
  const mine = ownChannel(r, me);
  const all = booths(r, me);
  const unheard = all.some((state) => state.does === "stop" && !state.heard);
  const language = mine?.language ?? me.languages?.[0];
  return (
    <section class="panel booth-panel" data-testid="booth-panel">
      <h2>{mine ? t("booth.interpreting", { language: languageName(mine.language) }) : t("interpret.title")}</h2>
      <BoothChoice all={all} commands={commands} />
      {mine && (
        <div class="booth-level">
          <ServerLevel heard={heard.value} />
        </div>
      )}
      {unheard && <p class="dim">{t("interpret.floor_meanwhile")}</p>}
      <Listening room={r} mine={mine} commands={commands} />
      <Slower room={r} commands={commands} />
      {mine && <Partners room={r} you={me} channel={mine} commands={commands} />}
      {language && <PartnerChat key={language} room={r} language={language} commands={commands} />}
      <Refusal commands={commands} />
    </section>
  );
}

/** What the interpreter hears, how loud, and from what is interpreted. */
function Listening({ room: r, mine, commands }: { room: Room; mine: Channel | null; commands: Commands }) {
  const loud = volumes.value.floor;
  const others = r.channels.filter((c) => c.language !== mine?.language);
  const choose = async (source: string) => {
    if (!mine || (await commands.execute("channel.relay", { language: mine.language, source }))) listenTo(source);
  };
  return (
    <fieldset class="bare booth-listening">
      <label class="field">
        <span>{t(mine ? "interpret.from" : "booth.listen_to")}</span>
        <select
          value={mine ? (mine.source ?? FLOOR) : sound.value}
          data-testid="booth-source"
          onChange={(e) => void choose(e.currentTarget.value)}
        >
          <option value={FLOOR}>{t("interpret.from_floor")}</option>
          {others.map((c) => (
            <option key={c.language} value={c.language} lang={c.language}>
              {t("interpret.from_language", { language: languageName(c.language) })}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{t("booth.volume", { volume: percent(loud) })}</span>
        <input
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={loud}
          data-testid="booth-volume"
          onInput={(e) => setVolumes({ floor: Number(e.currentTarget.value), channel: Number(e.currentTarget.value) })}
        />
      </label>
    </fieldset>
  );
}

/** How long a handover takes, in which the partner may take the channel early and the interpreter may keep it. */
const HANDOVER_MS = 10_000;

function Partners({
  room: r,
  you: me,
  channel,
  commands,
}: {
  room: Room;
  you: You;
  channel: Channel;
  commands: Commands;
}) {
  const { language, handover } = channel;
  if (handover) {
    return (
      <p class="note booth-handover" role="status" data-testid="handover">
        <HandoverTime name={nameOf(r, handover.to)} at={Date.parse(handover.at)} />{" "}
        <button type="button" onClick={() => void commands.execute("channel.keep", { language })}>
          {t("booth.keep")}
        </button>
      </p>
    );
  }
  const others = partners(r, me);
  if (others.length === 0) return <p class="dim">{t("booth.no_partner")}</p>;
  return (
    <div class="actions">
      {others.map((p) => (
        <button
          key={p.person}
          type="button"
          onClick={() => void commands.execute("channel.hand_over", { language, to: p.person, in_ms: HANDOVER_MS })}
        >
          {t("interpret.hand_over", { name: nameOf(r, p.person) })}
        </button>
      ))}
    </div>
  );
}

function HandoverTime({ name, at }: { name: string; at: number }) {
  return <>{t("booth.handover", { name, time: clockText(Math.max(0, at - useNow(250))) })}</>;
}

/** Asks the speaker to speak more slowly. The speaker and the chair see it. */
function Slower({ room: r, commands }: { room: Room; commands: Commands }) {
  const speaks = r.floor.granted.some((g) => g.substate !== "suspended") || r.floor.chair_priority;
  return (
    <button
      type="button"
      disabled={!speaks}
      data-testid="slower"
      onClick={() => void commands.execute("speech.slower")}
    >
      {t("booth.slower")}
    </button>
  );
}

/** Messages that only the interpreters into a language read. */
function PartnerChat({ room: r, language, commands }: { room: Room; language: string; commands: Commands }) {
  const text = useSignal("");
  const to = `booth:${language}`;
  const lines = r.chat.filter((line) => line.to === to);
  const post = async (event: Event) => {
    event.preventDefault();
    if (text.value.trim() && (await commands.execute("chat.post", { text: text.value, to }))) text.value = "";
  };
  const label = t("booth.chat", { language: languageName(language) });
  return (
    <div class="chat booth-chat">
      <h3>{label}</h3>
      <div role="log" aria-label={label}>
        <ul>
          {lines.map((line) => (
            <li key={line.id}>
              <strong>
                <bdi>{nameOf(r, line.from)}</bdi>
              </strong>
              <p dir="auto">{line.text}</p>
            </li>
          ))}
        </ul>
      </div>
      <form onSubmit={(event) => void post(event)}>
        <input
          aria-label={label}
          placeholder={t("chat.placeholder")}
          maxLength={2000}
          value={text.value}
          data-testid="booth-message"
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
        <button type="submit">{t("chat.send")}</button>
      </form>
    </div>
  );
}
