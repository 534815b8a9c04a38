import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { t } from "../../i18n";
import { languageName } from "../../i18n/format";
import { addSubtitles, removeSubtitles } from "../../state/library";
import { announce } from "../../state/notices";
import { conference } from "../../state/session";
import type { MediaItem } from "../../wire/generated/http";

/** The subtitles of a recording: those that it has, and adding to them or replacing them. */
export function SubtitlesDesk({ item }: { item: MediaItem }) {
  const has = item.subtitles ?? [];
  const language = useSignal("");
  const chooser = useRef<HTMLInputElement>(null);
  const about = (action: string) => t("console.about", { action, name: item.name });
  const send = async () => {
    const file = chooser.current?.files?.[0];
    const into = language.value;
    if (!file || !into) return;
    const added = await addSubtitles(item.id, into, file);
    if (chooser.current) chooser.current.value = "";
    if (added) announce(t("recording.subtitles_added", { language: languageName(into), name: item.name }));
  };
  return (
    <div class="subtitles-desk" data-testid={`subtitles-of-${item.id}`}>
      {has.map((tag) => (
        <button
          key={tag}
          type="button"
          aria-label={about(t("recording.remove_subtitles", { language: languageName(tag) }))}
          onClick={() => void removeSubtitles(item.id, tag)}
        >
          {t("recording.remove_subtitles", { language: languageName(tag) })}
        </button>
      ))}
      <select
        aria-label={about(t("recording.subtitles_language"))}
        value={language.value}
        onChange={(e) => (language.value = e.currentTarget.value)}
      >
        <option value="">{t("recording.add_subtitles")}…</option>
        {(conference.value?.languages ?? []).map((tag) => (
          <option key={tag} value={tag} lang={tag}>
            {languageName(tag)}
          </option>
        ))}
      </select>
      {language.value && (
        <input
          ref={chooser}
          type="file"
          accept=".vtt,text/vtt"
          aria-label={about(t("recording.subtitles_file"))}
          onChange={() => void send()}
        />
      )}
    </div>
  );
}
