/** Whether a regular expression lets only texts of a bounded length through: anchored at both ends, and no endless repeat. */
export function boundedPattern(pattern: string): boolean {
  if (!pattern.startsWith("^") || !/(^|[^\\])(\\\\)*\$$/.test(pattern)) return false;
  const bare = pattern.replace(/\\./g, "x").replace(/\[[^\]]*\]/g, "x");
  // `^a|b$` is anchored on one side only of each half.
  return !/[*+]|\{\d+,\}/.test(bare) && !splits(bare);
}

/** Whether there is an alternative outside of every bracket. */
function splits(bare: string): boolean {
  let depth = 0;
  for (const letter of bare) {
    if (letter === "(") depth += 1;
    else if (letter === ")") depth -= 1;
    else if (letter === "|" && depth === 0) return true;
  }
  return false;
}

/** The greatest length of a text that a bounded pattern lets through. */
export function longestMatch(pattern: string): number {
  const tokens = pattern.match(/\\.|\[(?:\\.|[^\]])*\]|\(\?:|\{[\d,]+\}|./g) ?? [];
  let at = 0;

  /** Alternatives up to the end of their bracket: the longest counts. */
  function alternatives(): number {
    let [most, here] = [0, 0];
    while (at < tokens.length && tokens[at] !== ")") {
      if (tokens[at] === "|") {
        [most, here] = [Math.max(most, here), 0];
        at += 1;
      } else here += repeated(one());
    }
    return Math.max(most, here);
  }
  function one(): number {
    const token = tokens[at++];
    if (token === "^" || token === "$") return 0;
    if (token !== "(" && token !== "(?:") return 1;
    const inside = alternatives();
    at += 1;
    return inside;
  }
  function repeated(length: number): number {
    const [, most] = /^\{(?:\d+,)?(\d+)\}$/.exec(tokens[at] ?? "") ?? [];
    if (most === undefined && tokens[at] !== "?") return length;
    at += 1;
    return length * Number(most ?? 1);
  }
  return alternatives();
}
