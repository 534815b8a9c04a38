import { t } from "../../i18n";
import { bytes, seconds, timeIn } from "../../i18n/format";
import { diskTrouble, refusesCommands, type Server } from "../../model/server";

/** What is wrong with the server, before all that is wrong with seats: everybody waits for its disk. */
export function ServerTrouble({ server }: { server: Server | null }) {
  const trouble = diskTrouble(server);
  if (!server || !trouble) return null;
  const values = { value: seconds(server.slowMs ?? 0), free: bytes(server.free ?? 0) };
  const refused = refusesCommands(trouble);
  const times = [
    server.since !== null && t("health.since", { time: timeIn(new Date(server.since)) }),
    server.waiting > 0 && t("health.waiting", { n: server.waiting }),
  ].filter(Boolean);
  return (
    <section class={refused ? "trouble refused" : "trouble"} role="alert" data-testid="server-trouble">
      <span class="sign" aria-hidden="true">{refused ? "✕" : "▲"}</span>
      <div>
        <h2>{t(`health.disk.${trouble}`, values)}</h2>
        <p>{t("health.try")} {t(`health.try.${trouble}`)}</p>
        {times.length > 0 && <small>{times.join(" · ")}</small>}
      </div>
    </section>
  );
}
