import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { bitrate, milliseconds, momentIn, percent } from "../../i18n/format";
import type { HelpCall } from "../../model/health";
import { namedIn } from "../../model/names";
import { refusalWords } from "../../state/refusal";
import { authorized } from "../../state/session";
import { closeHelp } from "../../wire/http";
import { causeWords } from "./cause";
import { roomName } from "./room-name";
import { pathWords } from "./SeatTable";

const MINUTE_MS = 60_000;

/** Who waits for help, the longest first, above everything else on the page. */
export function HelpList({ calls, now, closed }: { calls: HelpCall[]; now: number; closed(): void }) {
  return (
    <div class="help-calls" data-testid="help-calls">
      {calls.map((call) => (
        <Call key={`${call.room}/${call.id}`} call={call} now={now} closed={closed} />
      ))}
    </div>
  );
}

/** A call with the figures of its sender, and the answer. A refused one stays as it was written. */
function Call({ call, now, closed }: { call: HelpCall; now: number; closed(): void }) {
  const answer = useSignal("");
  const refused = useSignal<string | null>(null);
  const sending = useSignal(false);
  const close = async (text: string) => {
    if (sending.value) return;
    sending.value = true;
    refused.value = null;
    await authorized((token) => closeHelp(token, call.room, call.id, text)).then(
      closed,
      (error) => (refused.value = refusalWords(error)),
    );
    sending.value = false;
  };
  const at = new Date(call.at);
  const name = namedIn(call);
  return (
    <section class="help-call" aria-label={t("health.help_of", { name })} data-testid="help-call">
      <p class="help-head">
        <strong>{t("health.help_of", { name })}</strong>
        <span>
          <bdi>{roomName(call.room, call.room_title)}</bdi>
        </span>
        <span>
          {t("health.help_since")} <time dateTime={call.at}>{momentIn(at, new Date(now))}</time>{" "}
          {t("health.help_minutes", { n: Math.max(0, Math.floor((now - at.getTime()) / MINUTE_MS)) })}
        </span>
      </p>
      <p class="chat-text" dir="auto">
        {call.text}
      </p>
      <p class="dim">{figureWords(call)}</p>
      <form
        class="word"
        onSubmit={(e) => {
          e.preventDefault();
          if (answer.value.trim()) void close(answer.value.trim());
        }}
      >
        <input
          aria-label={t("health.help_answer")}
          placeholder={t("health.help_answer")}
          maxLength={300}
          dir="auto"
          autocomplete="off"
          value={answer.value}
          onInput={(e) => (answer.value = e.currentTarget.value)}
        />
        <button
          type="submit"
          class="strong"
          aria-disabled={!answer.value.trim() || sending.value}
          data-testid="answer-help"
        >
          {t("health.help_send")}
        </button>
        <button type="button" aria-disabled={sending.value} data-testid="close-help" onClick={() => void close("")}>
          {t("health.help_close")}
        </button>
      </form>
      {refused.value && (
        <p class="refusal" role="alert">
          {refused.value}
        </p>
      )}
    </section>
  );
}

/** The connection as the server saw it at the time of the call. */
function figureWords({ figures: f }: HelpCall): string {
  if (!f) return t("health.help_no_figures");
  const share = (value: number | null | undefined) => (typeof value === "number" ? percent(value) : "–");
  const facts = [
    causeWords(f),
    typeof f.rtt_ms === "number" && `${t("health.rtt")} ${milliseconds(f.rtt_ms)}`,
    (f.loss_up ?? f.loss_down) !== undefined && `${t("health.loss")} ${share(f.loss_up)} / ${share(f.loss_down)}`,
    typeof f.jitter_ms === "number" && `${t("health.jitter")} ${milliseconds(f.jitter_ms)}`,
    typeof f.bitrate_up === "number" && `${t("health.up")} ${bitrate(f.bitrate_up)}`,
    typeof f.bitrate_down === "number" && `${t("health.down")} ${bitrate(f.bitrate_down)}`,
    f.ice_path && `${t("health.path")} ${pathWords(f.ice_path)}`,
  ];
  return facts.filter(Boolean).join(" · ");
}
