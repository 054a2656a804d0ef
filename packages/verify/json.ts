import { Flaw } from "./flaw.ts";

export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };

/**
 * How numbers may be written. `shortest`: only as ECMAScript writes them, so that nothing that is read differs from what is committed
 * to. `exact`: in any way that names the same number, as a database does.
 */
export type Numbers = "shortest" | "exact";

const deepest = 64;
const escapes: Record<string, string> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/**
 * Reads JSON of which no two readers can think differently: no member twice, no lone surrogate, no integer that a double can't hold,
 * nothing deeper than 64.
 * @throws Flaw
 * @see RFC 8259, RFC 7493 (I-JSON)
 */
export function readJson(text: string, numbers: Numbers = "shortest"): Json {
  let at = 0;
  const value = read(0);
  space();
  if (at < text.length) fail("text after the end");
  return value;

  function fail(what: string): never {
    throw new Flaw(`not the JSON that is asked for: ${what}, at character ${at + 1}`);
  }
  function space(): void {
    while (" \t\n\r".includes(text[at] ?? "x")) at += 1;
  }
  function read(depth: number): Json {
    if (depth > deepest) fail(`deeper than ${deepest}`);
    space();
    const next = text[at];
    if (next === "{") return members(depth);
    if (next === "[") return items(depth);
    if (next === '"') return string();
    for (const [word, value] of [["null", null] as const, ["true", true] as const, ["false", false] as const]) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return value;
      }
    }
    return number();
  }
  function members(depth: number): Json {
    const found: [string, Json][] = [];
    const names = new Set<string>();
    at += 1;
    for (space(); text[at] !== "}"; space()) {
      if (found.length > 0) comma();
      space();
      if (text[at] !== '"') fail("a member without a name");
      const name = string();
      if (names.has(name)) fail(`the member ${JSON.stringify(name)} twice`);
      names.add(name);
      space();
      if (text[at] !== ":") fail("a member without a colon");
      at += 1;
      found.push([name, read(depth + 1)]);
    }
    at += 1;
    // Not by assignment, which a member called __proto__ would turn into something else.
    return Object.fromEntries(found);
  }
  function items(depth: number): Json {
    const found: Json[] = [];
    at += 1;
    for (space(); text[at] !== "]"; space()) {
      if (found.length > 0) comma();
      found.push(read(depth + 1));
    }
    at += 1;
    return found;
  }
  function comma(): void {
    if (text[at] !== ",") fail("no comma between two");
    at += 1;
    space();
    if ("}]".includes(text[at] ?? "}")) fail("a comma before the end");
  }
  function string(): string {
    let value = "";
    for (at += 1; text[at] !== '"'; ) {
      const plain = /[^"\\]*/y;
      plain.lastIndex = at;
      const run = plain.exec(text)?.[0] ?? "";
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      if (/[\0-\x1f]/.test(run)) fail("a control character in a string");
      value += run;
      at += run.length;
      if (at >= text.length) fail("a string without an end");
      if (text[at] !== "\\") continue;
      const letter = text[at + 1] ?? "";
      if (letter === "u") {
        const code = text.slice(at + 2, at + 6);
        if (!/^[0-9a-fA-F]{4}$/.test(code)) fail("a bad escape");
        value += String.fromCharCode(Number.parseInt(code, 16));
        at += 6;
      } else {
        value += escapes[letter] ?? fail("a bad escape");
        at += 2;
      }
    }
    at += 1;
    if (!value.isWellFormed()) fail("half of a surrogate pair");
    return value;
  }
  function number(): number {
    const form = /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
    form.lastIndex = at;
    const written = form.exec(text)?.[0];
    if (written === undefined) fail("no value");
    const value = Number(written);
    const same = numbers === "shortest" ? JSON.stringify(value) === written : sameNumber(String(value), written);
    if (!same) fail(`the number ${written.slice(0, 40)} is not held exactly`);
    if (numbers === "shortest" && /^-?\d+$/.test(written) && !Number.isSafeInteger(value)) {
      fail(`the integer ${written} is beyond what every reader holds`);
    }
    at += written.length;
    return value;
  }
}

/** Whether two texts name the same number, compared digit by digit. */
function sameNumber(one: string, other: string): boolean {
  const plain = (text: string) => {
    const [, sign, whole = "", part = "", power = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
    const digits = `${whole}${part}`.replace(/^0+/, "");
    const bare = digits.replace(/0+$/, "");
    return bare && `${sign}${bare}e${Number(power) - part.length + digits.length - bare.length}`;
  };
  return /^-?\d/.test(one) && plain(one) === plain(other);
}
