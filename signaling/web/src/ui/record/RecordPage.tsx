import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import { instant, type Proceedings } from "../../model/proceedings";
import { openRecordings } from "../../state/player";
import { refusalWords } from "../../state/refusal";
import { save } from "../../state/save";
import { authorized, conference, person, reading } from "../../state/session";
import { proceedings } from "../../wire/http";
import { LanguageSwitch } from "../LanguageSwitch";
import { Corrections } from "./Corrections";
import { DecisionList } from "./DecisionList";
import { Player } from "./Player";
import { PointList } from "./PointList";
import { Attendance, Interpretation } from "./SpanList";
import { SpeechList } from "./SpeechList";
import { TimeChart } from "./TimeChart";
import { namedIn, titleOf } from "../../model/names";

const FILES = [
  ["md", "text/markdown"],
  ["csv", "text/csv"],
  ["json", "application/json"],
] as const;

interface Props {
  room: string;
  /** Whether they stand beside the room in which the reader is seated, and are no page of their own. */
  beside?: boolean;
}

/** The proceedings of a room, to be read here or saved. */
export default function RecordPage({ room, beside }: Props) {
  const Landmark = beside ? "section" : "main";
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (beside) box.current?.focus();
  }, [beside]);
  const record = useSignal<Proceedings | null>(null);
  const failed = useSignal<string | null>(null);
  const fetchIt = () => {
    void openRecordings(room);
    void authorized((token) => proceedings(token, room)).then(
      (p) => {
        record.value = p;
        failed.value = null;
      },
      (e: unknown) => (failed.value = refusalWords(e)),
    );
  };
  useEffect(() => {
    record.value = null;
    fetchIt();
  }, [room]);
  const p = record.value;
  const zone = p?.conference.time_zone;
  const Title = beside ? "h2" : "h1";
  return (
    <Landmark
      ref={box}
      class={beside ? "record beside" : "record"}
      aria-label={t("record.title")}
      tabIndex={beside ? -1 : undefined}
      data-testid="record"
      onKeyDown={(e: KeyboardEvent) => beside && e.key === "Escape" && closeRecord()}
    >
      <header class="top">
        {!beside && <img src="mark.svg" alt="" width="36" height="36" />}
        <div class="title">
          <Title>{t("record.title")}</Title>
          {!beside && <p>{conference.value && namedIn(conference.value)}</p>}
        </div>
        <span class="tools">
          <LanguageSwitch />
          <button type="button" class="quiet" onClick={closeRecord}>
            {t(beside ? "record.close" : "record.back")}
          </button>
        </span>
      </header>
      <div class="record-tools">
        <RoomChoice room={room} />
        <span class="actions" role="group" aria-label={t("record.save")}>
          {FILES.map(([ext, type]) => (
            <button
              key={ext}
              type="button"
              data-testid={`save-${ext}`}
              onClick={() => void save(`/rooms/${room}/proceedings`, type, `${room}.${ext}`)}
            >
              {t(`record.save_${ext}`)}
            </button>
          ))}
        </span>
        <button type="button" class="quiet" onClick={fetchIt}>
          {t("record.refresh")}
        </button>
      </div>
      {failed.value && (
        <p class="refusal" role="alert">
          {failed.value}
        </p>
      )}
      {!p && !failed.value && <p role="status">{t("record.loading")}</p>}
      {p && (
        <>
          <p class="dim">
            {t("record.generated", { time: timeIn(instant(p.generated), zone), zone: zone ?? "" })}{" "}
            {p.seal && t("record.sealed", { hash: p.seal.hash.slice(0, 12) })}
          </p>
          <Player record={p} zone={zone} />
          <SpeechList record={p} zone={zone} />
          <TimeChart record={p} />
          <DecisionList decisions={p.decisions} zone={zone} />
          <PointList points={p.points_of_order} zone={zone} />
          <Interpretation record={p} zone={zone} />
          <Attendance record={p} zone={zone} />
          <Corrections record={p} zone={zone} recorded={fetchIt} />
        </>
      )}
    </Landmark>
  );
}

/** Closes the proceedings, and gives the focus back to the button that had opened them beside a room. */
function closeRecord(): void {
  reading.value = null;
  document.querySelector<HTMLElement>('[data-testid="open-record"]')?.focus();
}

function RoomChoice({ room }: { room: string }) {
  const own = person.value?.rooms;
  const rooms = (conference.value?.rooms ?? []).filter((r) => !own?.length || own.includes(r.id));
  return (
    <select aria-label={t("record.room")} value={room} onChange={(e) => (reading.value = e.currentTarget.value)}>
      {rooms.map((r) => (
        <option key={r.id} value={r.id}>
          {titleOf(r)}
        </option>
      ))}
    </select>
  );
}
