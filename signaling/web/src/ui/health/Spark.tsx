import { sparkline } from "../../model/history";

const WIDTH = 90;
const HEIGHT = 18;

/** The last ten minutes of a figure. The figure stands beside it, so screen readers skip the line. */
export function Spark({
  values,
  now,
  least,
}: {
  values: { at: number; value: number | null }[];
  now: number;
  least: number;
}) {
  return (
    <svg class="spark" width={WIDTH} height={HEIGHT} viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`} aria-hidden="true">
      <line x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
      <polyline points={sparkline(values, now, WIDTH, HEIGHT, least)} />
    </svg>
  );
}
