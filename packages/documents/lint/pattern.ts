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
