import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import { aboutMinutes } from "../../model/estimate";
import { followsPlan, itemTiming } from "../../model/item-timing";
import { nameOf, titleOf } from "../../model/names";
import { recordedSpeech } from "../../model/recording";
import type { AgendaItem, Room } from "../../model/types";
import { consoleCommands, loadPlanned, orderCommands } from "../../state/commands";
import { library, readLibrary } from "../../state/library";
import { show } from "../../state/notices";
import { may } from "../../state/permissions";
import { conference } from "../../state/session";
import type { Loaded } from "../../wire/generated/socket";
import { Agenda } from "../Agenda";
import { absenceOf } from "../away-words";
import { takenBack } from "../chosen";
import { useNow } from "../useNow";
import { ChairOnly } from "./Console";
import { OrderButton } from "./OrderButton";
import { RecordingsFold } from "./RecordingsFold";

const POSTPONED_MINUTES = [5, 10, 15, 30, 60];
const TO_THE_END = "end";

/** The agenda for the chair, who starts, ends and postpones items here and loads their planned speakers. */
export function AgendaDesk({ room }: { room: Room }) {
  const now = useNow(15_000);
  const knowsLengths = library.value !== null;
  const has = room.agenda.items.some(({ recording }) => recording);
  useEffect(() => {
    if (has && !knowsLengths && may.value.has("media.manage")) void readLibrary();
  }, [has]);
  return (
    <section class="panel" data-testid="agenda-desk">
      <h2>{t("agenda.title")}</h2>
      <p class="dim">{t("agenda.desk_hint")}</p>
      <ChairOnly room={room}>
        <Agenda
          items={room.agenda.items}
          zone={conference.value?.time_zone ?? "UTC"}
          facts={(item) => <ItemFacts room={room} item={item} now={now} />}
          controls={(item) => <ItemControls room={room} item={item} />}
        />
      </ChairOnly>
      <RecordingsFold />
    </section>
  );
}

/** How late the item is, who is planned to speak, and whether the list follows that. */
function ItemFacts({ room, item, now }: { room: Room; item: AgendaItem; now: number }) {
  const timing = itemTiming(item, now);
  const { policy } = room.floor;
  const names = item.speakers.map((person) => {
    const absence = absenceOf(room, person);
    return absence ? t("attendance.absence", { name: nameOf(room, person), absence }) : nameOf(room, person);
  });
  return (
    <>
      {timing && (
        <p class="facts warn" data-testid={`timing-${item.id}`}>
          {t(`agenda.${timing.says}`, { minutes: aboutMinutes(timing.ms) })}
        </p>
      )}
      {names.length > 0 && item.state !== "done" && (
        <p class="facts">{t("agenda.planned", { names: names.join(" · ") })}</p>
      )}
      {names.length > 0 && item.state === "on" && !followsPlan(policy) && (
        <p class="facts" data-testid="plan-not-followed">
          {t("agenda.not_followed", { policy: t(`policy.${policy}`), agreed: t("policy.agreed") })}
        </p>
      )}
    </>
  );
}

function ItemControls({ room, item }: { room: Room; item: AgendaItem }) {
  const verb = item.state === "on" ? "end" : item.state === "done" ? "restart" : "start";
  const words = t(`agenda.${verb}`);
  const about = (action: string) => t("console.about", { action, name: titleOf(item) });
  return (
    <>
      {/* It rests like the buttons of the order, because a second click would end what the first has started. */}
      <OrderButton
        class={verb === "end" ? "strong" : undefined}
        name={about(words)}
        press={() => void orderCommands.execute(verb === "end" ? "agenda.end" : "agenda.start", { item: item.id })}
      >
        {words}
      </OrderButton>
      {item.recording && item.state !== "done" && may.value.has("recording.play") && (
        <OrderButton
          idle={recordedSpeech(room.floor) !== null}
          name={about(t("recording.play_item"))}
          press={() => void orderCommands.execute("recording.play", { item: item.id })}
        >
          {t("recording.play_item")}
        </OrderButton>
      )}
      {verb === "start" && may.value.has("agenda.postpone") && <Postpone item={item} />}
      {item.speakers.length > 0 && item.state !== "done" && may.value.has("agenda.load") && (
        <OrderButton
          name={about(t("agenda.load"))}
          press={() => void loadPlanned(item.id, (loaded) => show(loadedWords(room, loaded)))}
        >
          {t("agenda.load")}
        </OrderButton>
      )}
    </>
  );
}

/** Postpones an item that was not taken up, by minutes or to the end of the agenda. */
function Postpone({ item }: { item: AgendaItem }) {
  const postpone = (by: string) =>
    by &&
    void consoleCommands.execute("agenda.postpone", {
      item: item.id,
      ...(by !== TO_THE_END && { by_minutes: Number(by) }),
    });
  return (
    <select
      aria-label={t("console.about", { action: t("agenda.postpone"), name: titleOf(item) })}
      value=""
      onChange={(e) => postpone(takenBack(e))}
    >
      <option value="">{t("agenda.postpone_by")}</option>
      {POSTPONED_MINUTES.map((minutes) => (
        <option key={minutes} value={String(minutes)}>
          {t("agenda.by_minutes", { minutes })}
        </option>
      ))}
      <option value={TO_THE_END}>{t("agenda.to_the_end")}</option>
    </select>
  );
}

/** What came of it: who is on the list now, who was left out, and whether the list has them as planned. */
function loadedWords(room: Room, { listed, not_listed, in_planned_order }: Loaded): string {
  const leftOut = not_listed.map(({ person }) => nameOf(room, person)).join(", ");
  const { policy } = room.floor;
  return [
    t("agenda.loaded", { count: listed.length }),
    leftOut && t("agenda.not_loaded", { names: leftOut }),
    !in_planned_order && t("agenda.not_followed", { policy: t(`policy.${policy}`), agreed: t("policy.agreed") }),
  ]
    .filter(Boolean)
    .join(" ");
}
