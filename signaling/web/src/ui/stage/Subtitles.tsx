import { t } from "../../i18n";
import { languageName } from "../../i18n/format";
import { positionAt, recordedSpeech, type RecordedSpeech } from "../../model/recording";
import { cuesAt, OFF } from "../../model/subtitles";
import type { Room } from "../../model/types";
import { cues, showSubtitles, subtitleLanguage, subtitleLanguages } from "../../state/subtitles";
import { useNow } from "../useNow";

/** How often the position is read: a fifth of what a reader notices. */
const EVERY_MS = 100;

/** The place below the picture for subtitles, and the choice of their language while a recording has some. */
export function SubtitlesPlace({ room: r }: { room: Room }) {
  const speech = recordedSpeech(r.floor);
  const languages = subtitleLanguages.value;
  if (!speech || languages.length === 0) return <div class="captions-place" aria-hidden="true" />;
  return (
    <div class="captions-place in-use">
      <Subtitles speech={speech} />
      <select
        aria-label={t("recording.subtitles")}
        data-testid="subtitles-choice"
        value={subtitleLanguage.value ?? OFF}
        onChange={(e) => showSubtitles(e.currentTarget.value)}
      >
        <option value={OFF}>{t("recording.no_subtitles")}</option>
        {languages.map((tag) => (
          <option key={tag} value={tag} lang={tag}>
            {t("recording.subtitles_in", { language: languageName(tag) })}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The subtitles of the position at which the recording is. They are text, whatever is in the file. */
export function Subtitles({ speech }: { speech: RecordedSpeech }) {
  const language = subtitleLanguage.value;
  const shown = cuesAt(cues.value, positionAt(speech, useNow(EVERY_MS)));
  return (
    <p class="subtitles" lang={language ?? undefined} data-testid="subtitles">
      {shown.map((cue) => (
        <span key={`${cue.from_ms} ${cue.text}`} dir="auto">
          {cue.text}
        </span>
      ))}
    </p>
  );
}
