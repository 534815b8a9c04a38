import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { DEFAULT_TAG, t } from "../../i18n";
import { languageName, names, percent } from "../../i18n/format";
import { factLine } from "../../i18n/isolate";
import { cityOf, namedIn } from "../../model/names";
import { beneficiaryIn, mayBePlayed, nameOfFile, positionText, recordedSpeech, tracksOf } from "../../model/recording";
import type { Room } from "../../model/types";
import { orderCommands } from "../../state/commands";
import {
  addToLibrary,
  cancelUpload,
  library,
  libraryRefusal,
  readLibrary,
  removeFromLibrary,
  upload,
} from "../../state/library";
import { announce } from "../../state/notices";
import { may } from "../../state/permissions";
import { room } from "../../state/room";
import { conference } from "../../state/session";
import type { MediaItem } from "../../wire/generated/http";
import { mayChair } from "./Console";
import { OrderButton } from "./OrderButton";

const MAX_NAME_LENGTH = 200;
/** What a file chooser offers first. What counts for the server is what is in the file. */
const ACCEPTED = "video/webm,video/x-matroska,.webm,.mkv";

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
      <Add />
      {removed.value && <RemoveQuestion item={removed.value} close={() => (removed.value = null)} />}
    </>
  );
}

function Item({ room: r, item, remove }: { room: Room; item: MediaItem; remove(): void }) {
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
        {item.warnings?.map((warning) => (
          <p key={warning} class="facts warn" lang={DEFAULT_TAG}>
            {warning}
          </p>
        ))}
      </div>
      <div class="actions">
        {item.damaged == null && may.value.has("recording.play") && <Play room={r} item={item} />}
        <button
          type="button"
          class="danger"
          aria-label={t("console.about", { action: t("recording.remove"), name: item.name })}
          onClick={remove}
        >
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
    pictures.length > 0 ? pictures.join(", ") : t("recording.no_pictures"),
    codec,
    languages.length > 0 ? t("recording.languages", { languages: names(languages.map(languageName)) }) : null,
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

/** The form that sends a file, and how far it is. */
function Add() {
  const file = useSignal<File | null>(null);
  const name = useSignal("");
  const chooser = useRef<HTMLInputElement>(null);
  const sent = upload.value;
  const choose = () => {
    file.value = chooser.current?.files?.[0] ?? null;
    if (file.value) name.value = nameOfFile(file.value.name).slice(0, MAX_NAME_LENGTH);
  };
  const send = async (e: Event) => {
    e.preventDefault();
    if (!file.value || !name.value.trim()) return;
    const added = await addToLibrary(name.value.trim(), file.value);
    if (!added) return;
    announce(t("recording.added", { name: added.name }));
    name.value = "";
    file.value = null;
    if (chooser.current) chooser.current.value = "";
  };
  return (
    <form
      class="add-recording"
      aria-label={t("recording.add")}
      data-testid="add-recording"
      onSubmit={(e) => void send(e)}
    >
      <h3>{t("recording.add")}</h3>
      <label class="field">
        <span>{t("recording.file")}</span>
        <input ref={chooser} type="file" accept={ACCEPTED} disabled={sent !== null} onChange={choose} />
      </label>
      <label class="field">
        <span>{t("recording.name")}</span>
        <input
          type="text"
          maxLength={MAX_NAME_LENGTH}
          value={name.value}
          disabled={sent !== null}
          onInput={(e) => (name.value = e.currentTarget.value)}
        />
      </label>
      {sent ? (
        <Sent {...sent} />
      ) : (
        <div class="actions">
          <button type="submit" class="strong" disabled={!file.value || !name.value.trim()}>
            {t("recording.add")}
          </button>
        </div>
      )}
      {libraryRefusal.value && <Refused {...libraryRefusal.value} />}
    </form>
  );
}

function Sent({ name, share }: { name: string; share: number }) {
  const words = share < 1 ? t("recording.sending", { name, share: percent(share) }) : t("recording.checking", { name });
  return (
    <>
      <p class="facts" role="status">
        {words}
      </p>
      <progress value={share < 1 ? share : undefined} max={1} aria-label={words} data-testid="upload-progress" />
      <div class="actions">
        <button type="button" onClick={cancelUpload}>
          {t("recording.cancel")}
        </button>
      </div>
    </>
  );
}

/** The server's own sentence says what is wrong with a file, and is in English. */
function Refused({ words, detail }: { words: string; detail: string | null }) {
  return (
    <p class="refusal" role="alert" data-testid="library-refusal">
      {words}
      {detail && <small lang={DEFAULT_TAG}> {detail}</small>}
    </p>
  );
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
