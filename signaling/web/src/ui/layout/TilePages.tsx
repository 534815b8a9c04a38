import { ChevronLeft, ChevronRight } from "lucide";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { cityOfTile } from "../../model/layout";
import { layoutPlan, tileBox, turn } from "../../state/layout";
import { room } from "../../state/room";
import { Icon } from "../Icon";
import { AbsentCity, Tile } from "./Tile";

/** The cities: a page of tiles that fill their place, and where they do not all fit, the other pages. */
export function TilePages() {
  const place = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => {
    const list = place.current;
    if (!list) return;
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = list;
      if (width !== tileBox.value.width || height !== tileBox.value.height) tileBox.value = { width, height };
    };
    const observer = new ResizeObserver(measure);
    observer.observe(list);
    measure();
    return () => observer.disconnect();
  }, []);
  const r = room.value;
  const { tiles, pages, grid } = layoutPlan.value;
  const size = {
    "--columns": grid.columns,
    "--tile-width": `${grid.tile.width}px`,
    "--tile-height": `${grid.tile.height}px`,
  };
  return (
    <section class="tiles" aria-label={t("room.cities")} data-testid="tiles">
      <ul ref={place} style={size}>
        {tiles.map((tile) => {
          const city = cityOfTile(tile);
          const participant = r?.participants.find(({ person }) => person === tile);
          if (city) return <AbsentCity key={tile} delegation={city} />;
          return participant && <Tile key={tile} participant={participant} chair={r?.floor.chair === tile} />;
        })}
      </ul>
      {pages > 1 && <Pager />}
    </section>
  );
}

function Pager() {
  const { page, pages } = layoutPlan.value;
  const of = { page: page + 1, pages };
  return (
    <div class="pager" role="group" aria-label={t("layout.pages")}>
      <button
        type="button"
        aria-label={t("layout.previous")}
        title={t("layout.previous")}
        data-testid="page-previous"
        onClick={() => turn(-1)}
      >
        <Icon of={ChevronLeft} />
      </button>
      <p data-testid="page" data-page={of.page} data-pages={pages}>
        <span aria-hidden="true">{t("layout.page", of)}</span>
        <span class="hidden" role="status">
          {t("layout.page_name", of)}
        </span>
      </p>
      <button
        type="button"
        aria-label={t("layout.next")}
        title={t("layout.next")}
        data-testid="page-next"
        onClick={() => turn(1)}
      >
        <Icon of={ChevronRight} />
      </button>
    </div>
  );
}
