import { signal } from "@preact/signals";
import { t } from "../../i18n";
import { LAYOUTS } from "../../model/layout";
import { nameOf } from "../../model/names";
import { choose, layout, layoutPlan, togglePin } from "../../state/layout";
import { room } from "../../state/room";

const full = signal(false);
/** Whether a picture stands in a window of its own. */
const apart = signal(false);

if (typeof document !== "undefined") {
  document.addEventListener("fullscreenchange", () => (full.value = document.fullscreenElement !== null));
  document.addEventListener("enterpictureinpicture", () => (apart.value = true), true);
  document.addEventListener("leavepictureinpicture", () => (apart.value = false), true);
}

/** How the pictures are laid out. */
export function LayoutMenu() {
  const pinned = layoutPlan.value.pinned;
  return (
    <section class="menu-part">
      <fieldset class="bare layouts">
        <legend>{t("layout.name")}</legend>
        {LAYOUTS.map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="layout"
              value={each}
              checked={layout.value === each}
              data-testid={`layout-${each}`}
              onChange={() => choose(each)}
            />
            <span>{t(`layout.${each}`)}</span>
          </label>
        ))}
      </fieldset>
      {pinned && room.value ? (
        <p>
          {t("layout.pinned", { name: nameOf(room.value, pinned) })}{" "}
          <button type="button" onClick={() => togglePin(pinned)}>
            {t("layout.unpin")}
          </button>
        </p>
      ) : (
        <p class="dim">{t("layout.pin_hint")}</p>
      )}
      <div class="menu-row">
        {document.fullscreenEnabled && (
          <button type="button" aria-pressed={full.value} data-testid="full-screen" onClick={toggleFullScreen}>
            {t("layout.full_screen")}
          </button>
        )}
        {document.pictureInPictureEnabled && (
          <button type="button" aria-pressed={apart.value} data-testid="picture-apart" onClick={togglePictureApart}>
            {t("layout.apart")}
          </button>
        )}
      </div>
    </section>
  );
}

function toggleFullScreen(): void {
  void (full.value ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(() => undefined);
}

/** Shows the largest picture in a window of its own, where the browser has that. */
function togglePictureApart(): void {
  if (document.pictureInPictureElement) return void document.exitPictureInPicture().catch(() => undefined);
  const pictures = [...document.querySelectorAll<HTMLVideoElement>(".stage video:not([hidden])")].filter(
    ({ videoWidth }) => videoWidth > 0,
  );
  const area = (video: HTMLVideoElement) => video.clientWidth * video.clientHeight;
  const [largest] = pictures.sort((a, b) => area(b) - area(a));
  void largest?.requestPictureInPicture().catch(() => undefined);
}
