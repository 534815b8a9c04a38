import { t } from "../../i18n";
import { dayIn, timeIn } from "../../i18n/format";
import { namedIn } from "../../model/names";
import { checkLink } from "../../state/session";
import { LanguageSwitch } from "../LanguageSwitch";
import { OpenCheck } from "./Check";

/** The page of the check link: the tests of the seat page, without a seat. */
export default function CheckPage() {
  const link = checkLink.value;
  if (!link) return null;
  const until = new Date(link.valid_until);
  return (
    <main class="seat" data-testid="check-page">
      <header class="top">
        <img src="mark.svg" alt="" width="36" height="36" />
        <div class="title">
          <p class="conference" dir="auto">
            {namedIn({ name: link.conference, names: link.names })}
          </p>
          <p>{t("check.link_until", { day: dayIn(until), time: timeIn(until) })}</p>
        </div>
        <span class="tools">
          <LanguageSwitch />
        </span>
      </header>
      <section class="card">
        <h1>{t("check.link_title")}</h1>
        <p class="dim">{t("check.link_lead")}</p>
        <OpenCheck />
      </section>
    </main>
  );
}
