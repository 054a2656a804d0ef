import type { Block } from "@dais/markdown/tree";
import { type Element, within } from "../file/tags.ts";
import { clean } from "../text/clean.ts";
import { lines, type Span } from "../text/lines.ts";
import type { Slice } from "./flow.ts";
import { type Notes, spansOf } from "./inlines.ts";
import { artifact, box, tagged, write } from "./sheet.ts";
import { table } from "./table.ts";
import { type Frame, inset, type Look, text, xOf } from "./text.ts";
import { inks, style, type Theme } from "./theme.ts";

export type Setting = { theme: Theme; notes: Notes; inList?: boolean };

const scales = { 1: 1.4, 2: 1.22, 3: 1.1, 4: 1, 5: 1, 6: 1 } as const;

/** Sets blocks below each other. */
export function blocks(all: Block[], frame: Frame, parent: Element, setting: Setting): Slice[] {
  return all.flatMap((block, index) => {
    const [first, ...rest] = slicesOf(block, frame, parent, setting);
    if (!first) return [];
    // What has edges of its own keeps a distance.
    const edged = /^(?:table|quote|code)$/.test(all[index - 1]?.type ?? "");
    return [edged ? { ...first, gap: Math.max(first.gap, setting.theme.body * 1.5) } : first, ...rest];
  });
}

function slicesOf(block: Block, frame: Frame, parent: Element, setting: Setting): Slice[] {
  const { theme, notes } = setting;
  const gap = theme.body * 0.8;
  const plain = style(theme);
  switch (block.type) {
    case "paragraph": {
      const spans = spansOf(block.children, plain, notes);
      // What announces something stands with it.
      const keep = /[:：]\s*$/u.test(spans.at(-1)?.text ?? "");
      return text(within(parent, "P"), spans, frame, theme, { leading: theme.leading, gap, keep });
    }
    case "heading": {
      // Below the document's title and the section's heading.
      const level = Math.min(6, block.level + 2) as 3 | 4 | 5 | 6;
      const look = style(theme, { scale: scales[block.level], weight: 600, ink: inks.accent });
      const spans = spansOf(block.children, look, notes);
      return text(within(parent, `H${level}`), spans, frame, theme, { leading: 1.35, gap: gap * 1.9, keep: true });
    }
    case "list":
      return list(block, frame, parent, setting);
    case "table":
      return table(
        { header: block.header, rows: block.rows, align: block.align },
        { frame, parent, theme, notes, gap: gap * 1.3 },
      );
    case "quote":
      return quoted(blocks(block.children, inset(frame, 16), within(parent, "BlockQuote"), setting), frame, gap);
    case "code":
      return code(block.text, frame, parent, setting);
    case "rule":
      return [{ height: 1, gap: gap * 1.6, draw: ruled(frame) }];
  }
}

function list(block: Block & { type: "list" }, frame: Frame, parent: Element, setting: Setting): Slice[] {
  const { theme } = setting;
  const whole = within(parent, "L");
  const last = block.start + block.items.length - 1;
  const room = block.ordered ? theme.body * (1 + 0.62 * String(last).length) : theme.body * 1.4;
  return block.items.flatMap((item, index) => {
    const entry = within(whole, "LI");
    const label = within(entry, "Lbl");
    const inner = inset(frame, room);
    const made = blocks(item, inner, within(entry, "LBody"), { ...setting, inList: true });
    const [first, ...rest] = made.length > 0 ? made : [empty(theme)];
    const sign = block.ordered ? `${block.start + index}.` : "•";
    const look = style(theme, { ink: inks.accent, ...(block.ordered && { weight: 600 as const }) });
    const [line] = lines([{ text: sign, style: look }], { width: frame.width, rtl: frame.rtl });
    const signed = (slice: Slice): Slice => ({
      ...slice,
      gap: theme.body * (index === 0 && !setting.inList ? 0.7 : 0.3),
      draw(sheet, page, top) {
        const base = top + (theme.body * theme.leading) / 2 + theme.body * (theme.rtl ? 0.28 : 0.34);
        if (line) tagged(sheet, page, label, () => write(sheet, line, xOf(line, frame, frame.rtl), base));
        slice.draw(sheet, page, top);
      },
    });
    // Where there is no room for it beside the text, it stands above.
    if (inner.width > frame.width - room) return [signed({ ...empty(theme), keep: true }), first as Slice, ...rest];
    return [signed(first as Slice), ...rest];
  });
}

/** A bar beside all that is quoted. */
function quoted(slices: Slice[], frame: Frame, gap: number): Slice[] {
  const x = frame.rtl ? frame.x + frame.width - 3 : frame.x;
  return slices.map((slice, index) => ({
    ...slice,
    gap: index === 0 ? gap * 1.3 : slice.gap,
    draw(sheet, page, top) {
      const above = index === 0 ? 0 : slice.gap;
      artifact(sheet, () => box(sheet, inks.rule, x, top - above, 2.5, slice.height + above));
      slice.draw(sheet, page, top);
    },
  }));
}

/** Text as it is written, on a shade. It runs from left to right, whatever is around it. */
function code(source: string, frame: Frame, parent: Element, { theme }: Setting): Slice[] {
  const look = style(theme, { scale: 0.88 });
  const inner = { x: frame.x + 10, width: frame.width - 20, rtl: false };
  const spans: Span[] = [{ text: clean(source) || " ", style: look }];
  const room = 6;
  const behind: Look["behind"] = (sheet, top, height, { first, last }) => {
    const [above, below] = [first ? room : 0.5, last ? room : 0.5];
    artifact(sheet, () => box(sheet, inks.shade, frame.x, top - above, frame.width, height + above + below));
  };
  return text(within(parent, "Code"), spans, inner, theme, { leading: 1.5, gap: theme.body + room, behind });
}

function ruled({ x, width }: Frame): Slice["draw"] {
  return (sheet, _, top) => artifact(sheet, () => box(sheet, inks.rule, x + width / 3, top, width / 3, 0.75));
}

const empty = (theme: Theme): Slice => ({ height: theme.body * theme.leading, gap: 0, draw() {} });
