import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import { instant, type Proceedings } from "../../model/proceedings";
import { refusalWords } from "../../state/refusal";
import { save } from "../../state/save";
import { conference, person, reading, token } from "../../state/session";
import { proceedings } from "../../wire/http";
import { LanguageSwitch } from "../LanguageSwitch";
import { Corrections } from "./Corrections";
import { DecisionList } from "./DecisionList";
import { PointList } from "./PointList";
import { Attendance, Interpretation } from "./SpanList";
import { SpeechList } from "./SpeechList";
import { TimeChart } from "./TimeChart";

const FILES = [["md", "text/markdown"], ["csv", "text/csv"], ["json", "application/json"]] as const;

/** The proceedings of a room, to be read here or saved. */
export function RecordPage({ room }: { room: string }) {
  const record = useSignal<Proceedings | null>(null);
  const failed = useSignal<string | null>(null);
  const fetchIt = () => void proceedings(token.value, room).then((p) => {
    record.value = p;
    failed.value = null;
  }, (e: unknown) => (failed.value = refusalWords(e)));
  useEffect(() => {
    record.value = null;
    fetchIt();
  }, [room]);
  const p = record.value;
  const zone = p?.conference.time_zone;
    return (
    <main class="record" data-testid="record">
      <header class="top">
        <img src="/mark.svg" alt="" width="36" height="36" />
        <div class="title"><h1>{t("record.title")}</h1><p>{conference.value?.name}</p></div>
        <span class="tools"><LanguageSwitch /><button type="button" class="quiet" onClick={() => (reading.value = null)}>{t("record.back")}</button></span>
      </header>
      <div class="record-tools">
        <RoomChoice room={room} />
        <span class="actions" role="group" aria-label={t("record.save")}>
          {FILES.map(([ext, type]) => <button key={ext} type="button" data-testid={`save-${ext}`} onClick={() => void save(`/rooms/${room}/proceedings`, type, `${room}.${ext}`)}>{t(`record.save_${ext}`)}</button>)}
        </span>
        <button type="button" class="quiet" onClick={fetchIt}>{t("record.refresh")}</button>
      </div>
      {failed.value && <p class="refusal" role="alert">{failed.value}</p>}
      {!p && !failed.value && <p role="status">{t("record.loading")}</p>}
      {p && (
        <>
          <p class="dim">{t("record.generated", { time: timeIn(instant(p.generated), zone), zone: zone ?? "" })} {p.seal && t("record.sealed", { hash: p.seal.hash.slice(0, 12) })}</p>
          <TimeChart record={p} />
          <SpeechList speeches={p.speeches} zone={zone} />
          <DecisionList decisions={p.decisions} />
          <PointList points={p.points_of_order} zone={zone} />
          <Interpretation record={p} zone={zone} />
          <Attendance record={p} zone={zone} />
          <Corrections record={p} zone={zone} recorded={fetchIt} />
        </>
      )}
    </main>
  );
}

function RoomChoice({ room }: { room: string }) {
  const own = person.value?.rooms;
  const rooms = (conference.value?.rooms ?? []).filter((r) => !own?.length || own.includes(r.id));
  return (
    <select aria-label={t("record.room")} value={room} onChange={(e) => (reading.value = e.currentTarget.value)}>
      {rooms.map((r) => <option key={r.id} value={r.id}>{r.title}</option>)}
    </select>
  );
}
