import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { DEFAULT_TAG, t } from "../../i18n";
import { bytes, languageName, names } from "../../i18n/format";
import { factLine } from "../../i18n/isolate";
import { cityOf, namedIn } from "../../model/names";
import { beneficiaryIn, mayBePlayed, positionText, recordedSpeech, tracksOf } from "../../model/recording";
import type { Room } from "../../model/types";
import { orderCommands } from "../../state/commands";
import { library, readLibrary, removeFromLibrary } from "../../state/library";
import { may } from "../../state/permissions";
import { room } from "../../state/room";
import { conference } from "../../state/session";
import type { MediaItem } from "../../wire/generated/http";
import { AddRecording } from "./AddRecording";
import { mayChair } from "./Console";
import { OrderButton } from "./OrderButton";
import { RecordingPreview } from "./RecordingPreview";
import { SubtitlesDesk } from "./SubtitlesDesk";

/** The media library: what can be played, and adding to it. */
export default function Recordings() {
  const removed = useSignal<MediaItem | null>(null);
  useEffect(() => void readLibrary(), []);
  const r = room.value;
  const all = library.value;
  if (!r) return null;
  return (
    <>
      <p class="dim">{t("recording.hint")}</p>
      {all === null ? (
        <p class="empty">{t("recording.loading")}</p>
      ) : (
        all.length === 0 && <p class="empty">{t("recording.none")}</p>
      )}
      <ul class="order">
        {all?.map((item) => (
          <Item key={item.id} room={r} item={item} remove={() => (removed.value = item)} />
        ))}
      </ul>
      <AddRecording />
      {removed.value && <RemoveQuestion item={removed.value} close={() => (removed.value = null)} />}
    </>
  );
}

function Item({ room: r, item, remove }: { room: Room; item: MediaItem; remove(): void }) {
  const previewed = useSignal(false);
  const about = (action: string) => t("console.about", { action, name: item.name });
  return (
    <li class="entry recording" data-testid={`recording-${item.id}`}>
      <div class="who">
        <p class="name">
          <strong>
            <bdi>{item.name}</bdi>
          </strong>
        </p>
        {item.damaged == null ? (
          <p class="facts">{factLine(factsOf(item))}</p>
        ) : (
          <p class="facts bad">
            {t("recording.damaged")}: <span lang={DEFAULT_TAG}>{item.damaged}</span>
          </p>
        )}
        {item.damaged == null && <SubtitlesDesk item={item} />}
        {item.warnings?.map((warning) => (
          <p key={warning} class="facts warn" lang={DEFAULT_TAG}>
            {warning}
          </p>
        ))}
        {previewed.value && <RecordingPreview item={item} />}
      </div>
      <div class="actions">
        {item.damaged == null && (
          <button
            type="button"
            aria-expanded={previewed.value}
            aria-label={about(t("recording.preview"))}
            onClick={() => (previewed.value = !previewed.value)}
          >
            {t("recording.preview")}
          </button>
        )}
        {item.damaged == null && may.value.has("recording.play") && <Play room={r} item={item} />}
        <button type="button" class="danger" aria-label={about(t("recording.remove"))} onClick={remove}>
          {t("recording.remove")}
        </button>
      </div>
    </li>
  );
}

function factsOf(item: MediaItem): (string | null)[] {
  const { pictures, codec, languages } = tracksOf(item);
  return [
    positionText(item.duration_ms),
    item.bytes > 0 ? bytes(item.bytes) : null,
    pictures.length > 0 ? pictures.join(", ") : t("recording.no_pictures"),
    codec,
    languages.length > 0 ? t("recording.languages", { languages: names(languages.map(languageName)) }) : null,
    item.subtitles?.length
      ? t("recording.has_subtitles", { languages: names(item.subtitles.map(languageName)) })
      : null,
  ];
}

/** Who speaks in it, as the agenda has it until another is chosen; and the press that gives that person the floor by it. */
function Play({ room: r, item }: { room: Room; item: MediaItem }) {
  const chosen = useSignal<string | null>(null);
  const people = mayBePlayed(conference.value?.people ?? [], r.id);
  const person = chosen.value ?? beneficiaryIn(r.agenda.items, item.id);
  const about = (action: string) => t("console.about", { action, name: item.name });
  const idle = !mayChair(r) || !person || recordedSpeech(r.floor) !== null;
  return (
    <>
      <select
        aria-label={about(t("recording.who"))}
        value={person}
        onChange={(e) => (chosen.value = e.currentTarget.value)}
      >
        <option value="">{t("recording.who")}…</option>
        {people.map((p) => (
          <option key={p.person} value={p.person}>
            {personWords(namedIn(p), cityOf(conference.value, p.delegation))}
          </option>
        ))}
      </select>
      <OrderButton
        class="strong"
        idle={idle}
        name={about(t("recording.play"))}
        press={() => void orderCommands.execute("recording.play", { media: item.id, beneficiary: person })}
      >
        {t("recording.play")}
      </OrderButton>
    </>
  );
}

function personWords(name: string, city: string | null): string {
  return factLine([name, city]);
}

function RemoveQuestion({ item, close }: { item: MediaItem; close(): void }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => ref.current?.showModal(), []);
  const remove = () => {
    close();
    void removeFromLibrary(item.id);
  };
  return (
    <dialog ref={ref} class="question" aria-labelledby="remove-title" data-testid="remove-question" onClose={close}>
      <h2 id="remove-title">{t("recording.remove_question", { name: item.name })}</h2>
      <p>{t("recording.remove_body")}</p>
      <div class="actions">
        <button type="button" class="main" onClick={close}>
          {t("recording.keep")}
        </button>
        <button type="button" class="danger" onClick={remove}>
          {t("recording.remove")}
        </button>
      </div>
    </dialog>
  );
}
