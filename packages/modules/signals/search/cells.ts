/** In degrees; `east` is beyond 180 where it crosses the date line. */
export type Bounds = { west: number; south: number; east: number; north: number };

/** Of a map that is halved in both directions, how often at most; as in `signal_marks`. */
const finest = 11;
/** More cells fit a box more closely, and each is one more place in the index to look at. */
const mostCells = 16;
/** What lies on its very edge is found, whatever rounding does. */
const margin = 1e-9;

/**
 * The cells by which `signal_marks` finds every place that meets a box, and others nearby: those which the box lies in or holds, and those
 * that hold them, where a place may end.
 */
export function cellsOf(bounds: Bounds): bigint[] {
  let level = finest;
  while (level > 0 && sizeOf(grid(bounds, level)) > mostCells) level--;
  const { left, right, bottom, top } = grid(bounds, level);
  const cells = new Set<bigint>();
  for (let column = left; column <= right; column++) {
    const x = column & (2 ** level - 1);
    for (let y = bottom; y <= top; y++) {
      cells.add(cell(0n, level, x, y));
      for (let above = 0; above < level; above++)
        cells.add(cell(1n, above, x >> (level - above), y >> (level - above)));
    }
  }
  return [...cells];
}

type Grid = { left: number; right: number; bottom: number; top: number };

const sizeOf = ({ left, right, bottom, top }: Grid) => (right - left + 1) * (top - bottom + 1);

function grid({ west, south, east, north }: Bounds, level: number): Grid {
  const size = 360 / 2 ** level;
  const column = (longitude: number) => Math.floor((longitude + 180) / size);
  const row = (latitude: number) => Math.min(2 ** level - 1, Math.max(0, Math.floor(((latitude + 90) / size) * 2)));
  return {
    left: column(west - margin),
    right: column(east + margin),
    bottom: row(south - margin),
    top: row(north + margin),
  };
}

/** Kind, level, column and row in one number: see `signal_marks`. */
const cell = (kind: bigint, level: number, x: number, y: number) =>
  (kind << 60n) | (BigInt(level) << 54n) | (BigInt(x) << 27n) | BigInt(y);
