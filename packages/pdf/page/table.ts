import type { Inline, Align as Side } from "@dais/markdown/tree";
import { type Element, within } from "../file/tags.ts";
import { hasLetters, type Line, measure, type Span } from "../text/lines.ts";
import { divide } from "./columns.ts";
import type { Slice } from "./flow.ts";
import { type Notes, spansOf } from "./inlines.ts";
import { artifact, box, type Sheet, tagged, write } from "./sheet.ts";
import { type Align, baseOf, type Frame, heightOf, setIn, xOf } from "./text.ts";
import { inks, style, type Theme } from "./theme.ts";

export type Cells = { header: Inline[][]; rows: Inline[][][]; align: Side[] };
type Place = { frame: Frame; parent: Element; theme: Theme; notes: Notes; gap: number };
type Cell = { spans: Span[]; lines: Line[]; rtl: boolean; frame: Frame; align: Align };
type Row = { cells: Cell[]; cellElements: Element[]; head: boolean; count: number };

const pad = { side: 6, above: 4.5 };
/** A row of more lines is cut, so that the page it stands on isn't left half empty. */
const linesOfPiece = 20;

/** Sets a table. Its head is shown again on each page; one that is too wide for the page becomes several below each other. */
export function table({ header, rows, align }: Cells, place: Place): Slice[] {
  const { frame, theme, notes } = place;
  const count = Math.max(header.length, ...rows.map((row) => row.length));
  const spans = (row: Inline[][], head: boolean): Span[][] =>
    Array.from({ length: count }, (_, column) => {
      const look = style(theme, {
        scale: count > 8 ? 0.8 : 0.9,
        weight: head ? 600 : 400,
        ...(head && { ink: inks.accent }),
      });
      return spansOf(row[column] ?? [], look, notes);
    });
  const all = [spans(header, true), ...rows.map((row) => spans(row, false))];
  const wishes = Array.from({ length: count }, (_, column) => {
    const wished = all.map((row) => measure(row[column] as Span[], frame.rtl));
    const widest = (of: "wants" | "needs") => Math.max(0, ...wished.map((wish) => wish[of])) + 2 * pad.side + 0.5;
    return { wants: widest("wants"), needs: widest("needs") };
  });
  const ofFigures = wishes.map((_, column) =>
    all.slice(1).every((row) => !hasLetters((row[column] as Span[]).map(({ text }) => text).join(""))),
  );
  return divide(wishes, frame.width).flatMap(({ columns, widths }, index) => {
    const frames = framesOf(widths, frame);
    const element = within(place.parent, "Table");
    const made = all.map((row, line) => {
      const cells = columns.map((column, at) => {
        const [own, inner] = [row[column] as Span[], frames[at] as Frame];
        return {
          spans: own,
          ...setIn(own, inner),
          frame: inner,
          align: sideOf(align[column] ?? null, frame, ofFigures[column]),
        };
      });
      return rowOf(cells, element, line === 0);
    });
    const [head, ...body] = made as [Row, ...Row[]];
    return slicesOf(head, body, { ...place, gap: index === 0 ? place.gap : place.gap * 1.5 });
  });
}

function rowOf(cells: Cell[], table: Element, head: boolean): Row {
  const element = within(table, "TR");
  const cellElements = cells.map(({ lines, rtl }) => {
    const cell = within(element, head ? "TH" : "TD", head ? { scope: "Column" } : {});
    if (rtl) cell.actual = lines.map(({ text }) => text.trimEnd()).join(" ");
    return cell;
  });
  return { cells, cellElements, head, count: Math.max(1, ...cells.map(({ lines }) => lines.length)) };
}

function slicesOf(head: Row, body: Row[], { frame, theme, gap }: Place): Slice[] {
  const lead = (row: Row) => Math.max(...row.cells.map(({ spans }) => heightOf(spans, theme, theme.leading * 0.92)), 1);
  const again = {
    height: head.count * lead(head) + 2 * pad.above,
    draw: (sheet: Sheet, top: number) => draw(sheet, null, top, head, [0, head.count], lead(head), { frame, theme }),
  };
  const slices = [head, ...body].flatMap((row) => {
    const pieces = Math.ceil(row.count / linesOfPiece);
    return Array.from({ length: pieces }, (_, piece): Slice => {
      const from = piece * linesOfPiece;
      const to = Math.min(row.count, from + linesOfPiece);
      return {
        height: (to - from) * lead(row) + 2 * pad.above,
        gap: row.head && piece === 0 ? gap : 0,
        keep: row.head,
        draw: (sheet, page, top) => draw(sheet, page, top, row, [from, to], lead(row), { frame, theme }),
        ...(!row.head && head.count <= linesOfPiece && { again }),
      };
    });
  });
  // The last row doesn't stand alone on a page.
  const beforeLast = slices.at(-2);
  if (beforeLast && slices.length > 3) beforeLast.keep = true;
  return slices;
}

/** Draws some lines of a row. Without a page, as something shown again, which belongs to no element. */
function draw(
  sheet: Sheet,
  page: number | null,
  top: number,
  row: Row,
  [from, to]: [number, number],
  lead: number,
  { frame, theme }: { frame: Frame; theme: Theme },
): void {
  const height = (to - from) * lead + 2 * pad.above;
  const lines = () => {
    if (row.head) box(sheet, inks.shade, frame.x, top, frame.width, height);
    box(sheet, row.head ? inks.accent : inks.rule, frame.x, top + height - 0.5, frame.width, row.head ? 0.9 : 0.5);
  };
  if (page === null) lines();
  else artifact(sheet, lines);
  for (const [column, cell] of row.cells.entries()) {
    const some = cell.lines.slice(from, to);
    const written = () => {
      for (const [index, line] of some.entries()) {
        const base = baseOf(top + pad.above + index * lead, lead, cell.spans, theme);
        write(sheet, line, xOf(line, cell.frame, frame.rtl, cell.align), base);
      }
    };
    if (page === null) written();
    else if (some.length > 0) tagged(sheet, page, row.cellElements[column] as Element, written);
  }
}

/** Columns beside each other, the first on the side where reading begins. */
function framesOf(widths: number[], { x, width, rtl }: Frame): Frame[] {
  let used = 0;
  return widths.map((own) => {
    const start = rtl ? x + width - used - own : x + used;
    used += own;
    return { x: start + pad.side, width: own - 2 * pad.side, rtl };
  });
}

/**
 * Left is where reading begins to whoever writes Markdown, and right where it ends: in an Arabic table, they change sides. But figures run from
 * left to right in it, too: those that end on one line stand so on the right, units below units.
 */
function sideOf(side: Side, { rtl }: Frame, ofFigures = false): Align {
  if (side === "center") return "center";
  if (side === "right" && rtl && ofFigures) return "start";
  return side === "right" ? "end" : "start";
}
