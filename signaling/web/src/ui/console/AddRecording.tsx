import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { DEFAULT_TAG, t } from "../../i18n";
import { bytes, percent } from "../../i18n/format";
import { nameOfFile } from "../../model/recording";
import { addToLibrary, cancelUpload, discardUpload, libraryRefusal, unfinished, upload } from "../../state/library";
import { announce } from "../../state/notices";
import type { MediaUpload } from "../../wire/generated/http";

const MAX_NAME_LENGTH = 200;
/** What a file chooser offers first. What counts for the server is what is in the file. */
const ACCEPTED = "video/webm,video/x-matroska,.webm,.mkv";

/** The form that sends a file, how far it is, and the uploads that were not finished. */
export function AddRecording() {
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
    const called = name.value.trim();
    if (!(await addToLibrary(called, file.value))) return;
    announce(t("recording.added", { name: called }));
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
      {unfinished.value.map((each) => (
        <Unfinished key={each.id} upload={each} />
      ))}
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

type OnItsWay = NonNullable<typeof upload.value>;

function Sent({ name, bytes: of, sent, phase }: OnItsWay) {
  const share = of > 0 ? sent / of : 0;
  const amounts = { name, sent: bytes(sent), of: bytes(of), share: percent(share) };
  const words = t(`recording.${phase}`, amounts);
  return (
    <>
      <p class={phase === "waiting" ? "facts warn" : "facts"} role="status" data-testid="upload-state">
        {words}
      </p>
      <progress
        value={phase === "checking" ? undefined : share}
        max={1}
        aria-label={words}
        data-testid="upload-progress"
      />
      <div class="actions">
        <button type="button" onClick={cancelUpload}>
          {t("recording.cancel")}
        </button>
      </div>
    </>
  );
}

/** What was cut off when the page was closed: the same file goes on from there. */
function Unfinished({ upload: { id, name, bytes: of, received, state } }: { upload: MediaUpload }) {
  const amounts = { name, sent: bytes(received), of: bytes(of) };
  return (
    <div class="note" data-testid="unfinished-upload">
      <p>{t(state === "checking" ? "recording.checking" : "recording.unfinished", amounts)}</p>
      <div class="actions">
        <button
          type="button"
          aria-label={t("console.about", { action: t("recording.discard"), name })}
          onClick={() => void discardUpload(id)}
        >
          {t("recording.discard")}
        </button>
      </div>
    </div>
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
