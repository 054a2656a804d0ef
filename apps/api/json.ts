import { Problem } from "@dais/kernel/problem";

const deepest = 64;

/**
 * Parses JSON as every face takes it: RFC 8259, each key once, no `__proto__`, no nul, no lone surrogates, at most 64 levels.
 * What parsers disagree about must not reach one.
 * @throws malformed_json
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refusal("Not JSON.");
  }
  checkTokens(text);
  return value;
}

const refusal = (why: string) =>
  new Problem("malformed_json", { errors: [{ pointer: "", code: "malformed_json", message: why }] });

/** Walks the tokens of a text that is known to be JSON: only strings and brackets matter. */
function checkTokens(text: string): void {
  const open: (Set<string> | null)[] = [];
  let key = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === "{" || letter === "[") {
      open.push(letter === "{" ? new Set() : null);
      if (open.length > deepest) throw refusal(`Deeper than ${deepest} levels.`);
      key = letter === "{";
    } else if (letter === "}" || letter === "]") {
      open.pop();
      key = false;
    } else if (letter === ",") {
      key = Boolean(open.at(-1));
    } else if (letter === '"') {
      const end = endOfString(text, at);
      const string = read(text.slice(at, end + 1));
      if (key) {
        const keys = open.at(-1);
        if (string === "__proto__" || keys?.has(string)) throw refusal("A key twice, or one that is not allowed.");
        keys?.add(string);
        key = false;
      }
      at = end;
    }
  }
}

function endOfString(text: string, start: number): number {
  let end = start + 1;
  while (text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  return end;
}

function read(token: string): string {
  const string = token.includes("\\") ? (JSON.parse(token) as string) : token.slice(1, -1);
  if (string.includes("\0") || !string.isWellFormed())
    throw refusal("A nul character or half of a surrogate pair in a string.");
  return string;
}
