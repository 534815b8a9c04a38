import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import type { SideTalk } from "../../model/health";
import { refusalWords } from "../../state/refusal";
import { authorized } from "../../state/session";
import { closeSideTalk } from "../../wire/http";

/** Who talks aside now, and never what is said. Each can be closed; both are told who did so. */
export function SideTalkList({ talks, closed }: { talks: SideTalk[]; closed(): void }) {
  const refused = useSignal<string | null>(null);
  if (talks.length === 0 && refused.value === null) return null;
  const close = async ({ room, id }: SideTalk) => {
    refused.value = null;
    await authorized((token) => closeSideTalk(token, room, id)).then(
      closed,
      (error: unknown) => (refused.value = refusalWords(error)),
    );
  };
  return (
    <section class="card" data-testid="side-talks">
      <h2>{t("health.side_talks")}</h2>
      <ul class="displays">
        {talks.map((talk) => {
          const [one, other] = talk.names;
          return (
            <li key={`${talk.room}/${talk.id}`}>
              <span>{t("health.side_talk", { one, other })}</span>
              <button type="button" aria-label={t("talk.close_of", { name: one })} onClick={() => void close(talk)}>
                {t("talk.close")}
              </button>
            </li>
          );
        })}
      </ul>
      {refused.value && (
        <p class="refusal" role="alert">
          {refused.value}
        </p>
      )}
    </section>
  );
}
