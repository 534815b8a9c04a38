import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { milliseconds, timeIn } from "../../i18n/format";
import { factLine } from "../../i18n/isolate";
import { browserName } from "../../model/browser";
import { sendsPictures, sendsSound } from "../../model/permissions";
import type { ChatLine } from "../../model/types";
import { useCommands } from "../../state/commands";
import { ownCamera, ownMicrophone } from "../../state/live-state";
import { helpAnswer, openHelp } from "../../state/messages";
import { may } from "../../state/permissions";
import { figures } from "../../state/room";
import { keysShown } from "../../state/shortcuts";
import { Refusal } from "../Refusal";
import { closeMenu } from "./DockMenu";

/** Help: the figures of this connection, a call to the operators, and the keys. */
export function HelpMenu() {
  const f = figures.value;
  return (
    <section class="menu-part" data-testid="help">
      <h2>{t("dock.help")}</h2>
      <p>
        {f && f.rttMs !== null
          ? t("link.figures", { rtt: milliseconds(f.rttMs), path: f.protocol })
          : t("link.state.connecting")}
      </p>
      {may.value.has("chat.post") &&
        may.value.has("help.close") &&
        (openHelp.value ? <Told call={openHelp.value} /> : <Ask />)}
      <div class="menu-row">
        <button
          type="button"
          data-testid="show-keys"
          onClick={() => {
            closeMenu();
            keysShown.value = true;
          }}
        >
          {t("keys.title")}
        </button>
      </div>
    </section>
  );
}

/** One press calls the operators. The server adds what it measures of the connection. */
function Ask() {
  const commands = useCommands();
  const words = useSignal("");
  const answer = helpAnswer.value;
  const ask = (e: Event) => {
    e.preventDefault();
    const text = `${words.value.trim() || t("help.default")}\n${deviceFacts()}`;
    void commands.execute("chat.post", { text, to: "operators", help: true });
  };
  return (
    <form class="help-ask" onSubmit={ask}>
      {answer && (
        <p role="status" data-testid="help-answer">
          {answerWords(answer)}
        </p>
      )}
      <button type="submit" class="strong" data-testid="ask-help">
        {t("help.ask")}
      </button>
      <input
        aria-label={t("help.words")}
        placeholder={t("help.words")}
        maxLength={500}
        dir="auto"
        autocomplete="off"
        value={words.value}
        onInput={(e) => (words.value = e.currentTarget.value)}
      />
      <p class="dim">{t("help.ask_hint")}</p>
      <Refusal commands={commands} />
    </form>
  );
}

function Told({ call }: { call: ChatLine }) {
  const commands = useCommands();
  return (
    <>
      <p role="status" data-testid="help-told">
        {t("help.told", { time: timeIn(new Date(call.at)) })}
      </p>
      <button
        type="button"
        data-testid="withdraw-help"
        onClick={() => void commands.execute("help.close", { message: call.id })}
      >
        {t("help.withdraw")}
      </button>
      <Refusal commands={commands} />
    </>
  );
}

function answerWords({ text, at }: { text: string; at: string }): string {
  const time = timeIn(new Date(at));
  return text ? t("help.answered", { time, text }) : t("help.closed", { time });
}

/** What the server cannot see: the devices as this page knows them, and the browser. */
function deviceFacts(): string {
  return factLine([
    sendsSound(may.value) && t("help.microphone", { state: t(`help.state.${ownMicrophone.value}`) }),
    sendsPictures(may.value) && t("help.camera", { state: t(`help.state.${ownCamera.value}`) }),
    browserName(navigator.userAgent),
  ]);
}
