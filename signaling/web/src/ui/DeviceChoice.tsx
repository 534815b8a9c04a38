import { t } from "../i18n";
import { devices } from "../media/devices";

interface Props {
  kind: MediaDeviceKind;
  label: string;
  chosen: string | undefined;
  choose(id: string): void;
}

/** The choice among several devices; nothing where there is only one. */
export function DeviceChoice({ kind, label, chosen, choose }: Props) {
  const all = devices.value.filter((d) => d.kind === kind);
  if (all.length < 2) return null;
  return (
    <select aria-label={label} value={chosen ?? all[0]?.deviceId} onChange={(e) => choose(e.currentTarget.value)}>
      {all.map((d, i) => <option key={d.deviceId} value={d.deviceId}>{d.label || t("check.default_device", { n: i + 1 })}</option>)}
    </select>
  );
}
