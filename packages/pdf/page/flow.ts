import type { Fonts } from "../file/fonts.ts";
import { limits } from "../input.ts";
import { NotRendered } from "../refusal.ts";
import { artifact, paper, type Sheet } from "./sheet.ts";
import { margins } from "./theme.ts";

/** What is never cut: a line, a row, a code. Heights are points. */
export type Slice = {
  height: number;
  /** The room before it, where it isn't the first of its page. */
  gap: number;
  /** Stays on one page with what follows. */
  keep?: boolean;
  draw(sheet: Sheet, page: number, top: number): void;
  /** What is shown again above it where it begins a page: the head of its table. */
  again?: { height: number; draw(sheet: Sheet, top: number): void };
};

/** Pages that fill from above. `y` is where the next slice of the last page goes. */
export type Flow = { fonts: Fonts; sheets: Sheet[]; rtl: boolean; y: number };

const bottom = paper.height - margins.bottom;
const room = bottom - margins.top;

/** Begins a page. @throws {NotRendered} `too_long` where there are as many as there may be. */
export function turn(flow: Flow): Sheet {
  if (flow.sheets.length >= limits.pages)
    throw new NotRendered("too_long", `The document has more than ${limits.pages} pages.`);
  const sheet: Sheet = { fonts: flow.fonts, rtl: flow.rtl, operators: [], owners: [] };
  flow.sheets.push(sheet);
  flow.y = margins.top;
  return sheet;
}

/** Puts slices below each other, and those that stay together on one page as far as one page holds them. */
export function place(flow: Flow, slices: Slice[]): void {
  for (let from = 0; from < slices.length; ) {
    let to = from + 1;
    while (to < slices.length && slices[to - 1]?.keep) to++;
    const group = slices.slice(from, to);
    const height = group.reduce((total, { height, gap }) => total + height + gap, 0);
    if (flow.y + height > bottom && height <= room) turn(flow);
    for (const slice of group) put(flow, slice);
    from = to;
  }
}

function put(flow: Flow, slice: Slice): void {
  const first = () => flow.y === margins.top;
  if (!first() && flow.y + slice.gap + slice.height > bottom) turn(flow);
  const sheet = flow.sheets.at(-1) as Sheet;
  const { again } = slice;
  if (first() && again) {
    artifact(sheet, () => again.draw(sheet, flow.y), "Pagination");
    flow.y += again.height;
  } else if (!first()) flow.y += slice.gap;
  slice.draw(sheet, flow.sheets.length - 1, flow.y);
  flow.y += slice.height;
}
