/** Text of one line: what is in it is data, never markup. It holds no line breaks; `break` is one. */
export type Inline =
  | { type: "text"; text: string }
  | { type: "code"; text: string }
  | { type: "break" }
  | { type: "strong" | "emphasis"; children: Inline[] }
  /** `url` is http, https or mailto, absolute, without a name and password in it, as WHATWG URL writes it. */
  | { type: "link"; url: string; children: Inline[] };

export type Align = "left" | "center" | "right" | null;

/** What a page is made of. Nothing else comes out of `read`, whatever went in: no HTML, no images, nothing to fetch or to run. */
export type Block =
  | { type: "heading"; level: 1 | 2 | 3 | 4 | 5 | 6; children: Inline[] }
  | { type: "paragraph"; children: Inline[] }
  /** `start` is the first number of an ordered list. */
  | { type: "list"; ordered: boolean; start: number; items: Block[][] }
  /** Cells of inlines. A row may have fewer or more cells than the header; nothing is dropped. */
  | { type: "table"; align: Align[]; header: Inline[][]; rows: Inline[][][] }
  | { type: "quote"; children: Block[] }
  /** Several lines, exactly as written; `language` is the word behind the fence. */
  | { type: "code"; language: string | null; text: string }
  | { type: "rule" };

/** How deep blocks and inlines go at most, together. What is deeper is text. */
export const deepest = 20;
