import { t } from "../../i18n";
import { timeIn } from "../../i18n/format";
import { clockText } from "../../model/clock";
import { instant, type RecordedSpeech } from "../../model/proceedings";
import { reasonWords } from "./reason";

/** The speeches in the order in which they were held. */
export function SpeechList({ speeches, zone }: { speeches: RecordedSpeech[]; zone: string | undefined }) {
  return (
    <section class="card">
      <h2>{t("record.speeches")} <span class="count">{speeches.length}</span></h2>
      {speeches.length === 0 ? <p class="empty">{t("record.no_speeches")}</p> : (
        <div class="scroll" tabIndex={0} role="region" aria-label={t("record.speeches")}>
          <table data-testid="speeches">
            <thead><tr>{(["began", "speaker", "kind", "used", "limit", "extended", "how"] as const).map((h) => <th key={h} scope="col">{t(`record.${h}`)}</th>)}</tr></thead>
            <tbody>{speeches.map((s) => <Row key={`${s.request}/${s.began.utc}`} speech={s} zone={zone} />)}</tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Row({ speech: s, zone }: { speech: RecordedSpeech; zone: string | undefined }) {
  return (
    <tr>
      <td><time dateTime={s.began.utc}>{timeIn(instant(s.began), zone)}</time></td>
      <th scope="row">{s.name}{s.city && <small>{s.city}</small>}</th>
      <td>{t(`kind.${s.kind}`)}</td>
      <td>{clockText(s.used_ms)}</td>
      <td>{clockText(s.limit_ms)}</td>
      <td>{s.extended_ms > 0 ? `+${clockText(s.extended_ms)}` : "–"}</td>
      <td>{s.how ? t(`how.${s.how}`) : t("how.speaking")}{s.reason && <small>{reasonWords(s.reason)}</small>}</td>
    </tr>
  );
}
