import { t } from "../../i18n";
import { languageName, timeIn } from "../../i18n/format";
import { instant, type Proceedings, type Span } from "../../model/proceedings";
import { namedIn } from "../../model/names";

interface Props {
  record: Proceedings;
  zone: string | undefined;
}

/** The participants of the room, with their times of attendance. */
export function Attendance({ record, zone }: Props) {
  const rows = record.attendance.map((one) => ({
    key: one.person,
    what: namedIn(one),
    detail: t(`role.${one.role}`),
    spans: one.spans,
  }));
  return (
    <Spans
      title={t("record.attendance")}
      head={["record.name", "record.role", "record.present"]}
      rows={rows}
      zone={zone}
      id="attendance"
    />
  );
}

/** The interpreters, with the times at which listeners heard them. */
export function Interpretation({ record, zone }: Props) {
  const rows = record.interpretation.map((it) => ({
    key: `${it.language}/${it.person}`,
    what: languageName(it.language),
    lang: it.language,
    detail: namedIn(it),
    spans: it.spans,
  }));
  return (
    <Spans
      title={t("record.interpretation")}
      head={["record.language", "record.interpreter", "record.heard"]}
      rows={rows}
      zone={zone}
      id="interpretation"
    />
  );
}

interface Table {
  title: string;
  head: (
    "record.name" | "record.role" | "record.present" | "record.language" | "record.interpreter" | "record.heard"
  )[];
  rows: { key: string; what: string; lang?: string; detail: string; spans: Span[] }[];
  zone: string | undefined;
  id: string;
}

function Spans({ title, head, rows, zone, id }: Table) {
  if (rows.length === 0) return null;
  return (
    <section class="card">
      <h2>
        {title} <span class="count">{rows.length}</span>
      </h2>
      <div class="scroll" tabIndex={0} role="region" aria-label={title}>
        <table data-testid={id}>
          <thead>
            <tr>
              {head.map((h) => (
                <th key={h} scope="col">
                  {t(h)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <th scope="row" lang={row.lang}>
                  {row.what}
                </th>
                <td>{row.detail}</td>
                <td>{row.spans.map((span) => spanText(span, zone)).join(", ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function spanText(span: Span, zone: string | undefined) {
  const [from, to] = [instant(span.from), instant(span.to)].map((at) => at && timeIn(at, zone));
  return `${from}–${to ?? ""}`;
}
