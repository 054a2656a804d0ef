/** What a column of a table wants and needs: its widest cell unbroken, and its widest word. Points. */
export type Wish = { wants: number; needs: number };

/** No column is narrower: less reads as a strip of letters. */
const least = 34;
/** Where not all words have room, one that needs more than this is cut rather than given it. */
const most = 130;

/**
 * Divides a width among columns: each gets what it needs, and the rest in the measure of what it would like beyond that. A table that
 * doesn't fit is cut into several that do, each beginning with the first column, which says whose row it is.
 * @returns Tables, each a list of columns by number and their widths.
 */
export function divide(wishes: Wish[], width: number): { columns: number[]; widths: number[] }[] {
  const whole = wishes.map((wish) => Math.max(least, wish.needs));
  // Two of them always have room: the first column stands beside each other one.
  const needs = sum(whole) <= width ? whole : whole.map((need) => Math.min(need, most, width / 2));
  const groups: number[][] = [];
  let used = 0;
  for (const [column, need] of needs.entries()) {
    const last = groups.at(-1);
    if (last && used + need <= width) {
      last.push(column);
      used += need;
    } else {
      groups.push(groups.length > 0 ? [0, column] : [column]);
      used = need + (groups.length > 1 ? (needs[0] as number) : 0);
    }
  }
  return groups.map((columns) => ({ columns, widths: shared(columns, needs, wishes, width) }));
}

function shared(columns: number[], needs: number[], wishes: Wish[], width: number): number[] {
  const own = columns.map((column) => needs[column] as number);
  const likes = columns.map((column, index) => Math.max(0.01, (wishes[column] as Wish).wants - (own[index] as number)));
  const rest = width - sum(own);
  const liked = sum(likes);
  return own.map((need, index) => need + (rest * (likes[index] as number)) / liked);
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
