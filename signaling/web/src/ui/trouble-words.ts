import { t } from "../i18n";
import { ordinal } from "../i18n/format";
import { isUrgent } from "../model/order";
import type { Floor } from "../model/types";

/** What is kept for the participant whose connection is lost. It says nothing that only the server can know now. */
export function troubleWords(floor: Floor | undefined, person: string | undefined): string {
  if (floor?.granted.some((g) => g.beneficiary === person && g.kind !== "address"))
    return t("trouble.reconnecting_floor");
  const place = floor?.requests.find((q) => q.beneficiary === person && !isUrgent(q.kind))?.position;
  return place ? t("trouble.reconnecting_place", { place: ordinal(place) }) : t("trouble.reconnecting");
}
