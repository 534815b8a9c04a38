import { t } from "../i18n";
import { devices } from "../media/devices";

interface Props {
  kind: MediaDeviceKind;
  label: string;
  /** The device in use. */
  chosen: string | undefined;
  /** Whether a single device is named too. */
  always?: boolean;
  /** False if the device cannot be used. */
  choose(id: string): Promise<boolean>;
}

/** The choice among several devices. It goes back to the one before if another cannot be used. */
export function DeviceChoice({ kind, label, chosen, always, choose }: Props) {
  const all = devices.value.filter((d) => d.kind === kind);
  if (all.length < (always ? 1 : 2)) return null;
  const now = all.some((d) => d.deviceId === chosen) ? chosen : all[0]?.deviceId;
  const change = async (select: HTMLSelectElement) => {
    if (!(await choose(select.value))) select.value = now ?? "";
  };
  return (
    <select
      aria-label={label}
      value={now}
      data-testid={`choose-${kind}`}
      onChange={(e) => void change(e.currentTarget)}
    >
      {all.map((d, i) => (
        <option key={d.deviceId} value={d.deviceId}>
          {d.label || t("check.default_device", { n: i + 1 })}
        </option>
      ))}
    </select>
  );
}
