import { DEFAULT_TAG, t } from "../../i18n";
import { bytes, number, seconds, timeIn } from "../../i18n/format";
import { diskTrouble, refusesCommands, type ServerHealth } from "../../model/health";
import { ServerAlarmKind } from "../../wire/generated/http";

/** Alarms whose sentence says more than their kind does: of which room, or of which file. */
const WITH_DETAIL: ReadonlySet<string> = new Set([
  "recording_stopped",
  "recording_ends_soon",
  "certificate_refused",
  "certificate_ends",
  "certificate_not_issued",
]);

/** What is wrong with the server comes before what is wrong with seats: every room waits for its disk. */
export function ServerTrouble({ server }: { server: ServerHealth }) {
  return (
    <>
      <DiskTrouble server={server} />
      {(server.alarms ?? [])
        .filter(({ kind }) => ServerAlarmKind.includes(kind))
        .map(({ kind, detail }) => (
          <Alarm key={detail} kind={kind} detail={detail} server={server} />
        ))}
    </>
  );
}

interface AlarmProps {
  kind: ServerAlarmKind;
  detail: string;
  server: ServerHealth;
}

/** The sentence is the server's own, in English. */
function Alarm({ kind, detail, server: { clock } }: AlarmProps) {
  const hours = number(Math.ceil(clock.log_ahead_ms / 3_600_000));
  return (
    <section class="trouble" role="alert" data-testid={`server-alarm-${kind}`}>
      <span class="sign" aria-hidden="true">
        ▲
      </span>
      <div>
        <h2>{t(`health.alarm.${kind}`, { hours })}</h2>
        {WITH_DETAIL.has(kind) && <p lang={DEFAULT_TAG}>{detail}</p>}
        <p>
          {t("health.try")} {t(`health.try.${kind}`)}
        </p>
      </div>
    </section>
  );
}

function DiskTrouble({ server }: { server: ServerHealth }) {
  const trouble = diskTrouble(server);
  if (!trouble) return null;
  const { disk } = server;
  const values = { value: seconds(disk.slow_ms ?? 0), free: bytes(disk.free_bytes ?? 0) };
  const refused = refusesCommands(trouble);
  const times = [
    disk.since !== null && t("health.since", { time: timeIn(new Date(disk.since)) }),
    disk.waiting > 0 && t("health.waiting", { n: disk.waiting }),
  ].filter(Boolean);
  return (
    <section class={refused ? "trouble refused" : "trouble"} role="alert" data-testid="server-trouble">
      <span class="sign" aria-hidden="true">
        {refused ? "✕" : "▲"}
      </span>
      <div>
        <h2>{t(`health.disk.${trouble}`, values)}</h2>
        <p>
          {t("health.try")} {t(`health.try.${trouble}`)}
        </p>
        {times.length > 0 && <small>{times.join(" · ")}</small>}
      </div>
    </section>
  );
}
