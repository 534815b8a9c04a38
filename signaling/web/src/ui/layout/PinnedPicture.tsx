import { PinOff } from "lucide";
import { t } from "../../i18n";
import { factLine } from "../../i18n/isolate";
import { camera } from "../../media/devices";
import { cityOf, nameOf } from "../../model/names";
import type { Room } from "../../model/types";
import { togglePin } from "../../state/layout";
import { slots, tracks, you } from "../../state/room";
import { conference } from "../../state/session";
import { Icon } from "../Icon";
import { Video } from "../Video";

/** The participant whom this one wants to see large. Below the picture the name: the caption of the stage is about who speaks. */
export function PinnedPicture({ room: r, person }: { room: Room; person: string }) {
  const name = nameOf(r, person);
  const city = cityOf(conference.value, r.participants.find((p) => p.person === person)?.delegation);
  const own = person === you.value?.person;
  const line = [...slots.value].find(([, s]) => s.participant === person && s.source === "camera" && !s.stage);
  const paused = line?.[1].paused === true;
  const track = own ? camera.value : line && !paused ? tracks.value.get(line[0]) : null;
  return (
    <figure class="pinned-picture" data-testid="pinned">
      <Video track={track} label={name} testid="pinned-video" mirrored={own} hidden={!track} />
      {!track && (
        <div class="stage-empty name-plate">
          <b class="initial" aria-hidden="true">
            {name.slice(0, 1)}
          </b>
          <p>{t(paused ? "room.picture_paused" : "layout.no_picture")}</p>
        </div>
      )}
      <figcaption>
        <span>
          <bdi>{factLine([name, city])}</bdi>
        </span>
        <button
          type="button"
          aria-label={t("layout.unpin")}
          title={t("layout.unpin")}
          data-testid="unpin"
          onClick={() => togglePin(person)}
        >
          <Icon of={PinOff} />
        </button>
      </figcaption>
    </figure>
  );
}
