/**
 * Which of some media types an `Accept` asks for, or null: by weight, then the one that is named more exactly, then the one that is
 * named first; without a word, the first of `offered`. Of all that it says, the most exact holds for a type: by a weight of 0 it refuses
 * what a wider range would take. @see RFC 9110, section 12.5.1
 */
export function preferred(accept: string | undefined, offered: readonly string[]): string | null {
  if (!accept) return offered[0] ?? null;
  const ranges = accept.split(",").map((text, n) => rangeOf(text, n));
  const ranked = offered.flatMap((type) => {
    const fitting = ranges.filter(({ range }) => exactness(range, type) > 0);
    const [best] = fitting.sort((a, b) => exactness(b.range, type) - exactness(a.range, type) || a.n - b.n);
    return best && best.weight > 0 ? [{ type, exact: exactness(best.range, type), ...best }] : [];
  });
  const [first] = ranked.sort((a, b) => b.weight - a.weight || b.exact - a.exact || a.n - b.n);
  return first?.type ?? null;
}

function rangeOf(text: string, n: number): { range: string; weight: number; n: number } {
  const [range = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const weight = parameters.flatMap((one) => /^q=(0(?:\.\d*)?|1(?:\.0*)?)$/.exec(one)?.[1] ?? [])[0];
  return { range, weight: Number(weight ?? 1), n };
}

const exactness = (range: string, type: string): number => [`*/*`, `${type.split("/")[0]}/*`, type].indexOf(range) + 1;

/** Whether an `Accept` takes a media type. */
export const accepts = (accept: string | undefined, type: string): boolean => preferred(accept, [type]) !== null;
