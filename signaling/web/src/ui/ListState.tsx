import { t } from "../i18n";
import { timeIn } from "../i18n/format";
import type { SpeakersList } from "../model/types";

export function ListState({ list }: { list: SpeakersList }) {
  const closing = list.state === "open" && list.closes_at;
  return (
    <p class={closing ? "list-state closing" : "list-state"}>
      {closing ? t("list.closing", { time: timeIn(new Date(closing)) }) : t(`list.${list.state}`)}
    </p>
  );
}
