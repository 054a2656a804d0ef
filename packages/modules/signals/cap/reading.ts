import type { CapAlert } from "@dais/cap/model";
import { CapError, type CapProblem } from "@dais/cap/problems";
import { type CapDocument, readCap } from "@dais/cap/read";
import { Problem } from "@dais/kernel/problem";

export type Finding = { xpath: string; code: string; message: string };
/** An alert of a document, or the place of one that was refused. */
export type Found = { path: string; alert: CapAlert | null; findings: Finding[]; signature?: "verified" };
export type Document = {
  found: Found[];
  findings: Finding[];
  /** The document itself, where it is one alert with signatures. */
  signed?: string | null;
};

/** Of each alert, and of what belongs to none. */
const mostFindings = 50;

/**
 * Reads a document, tolerantly, and says of each alert in its order what there is to say.
 * @throws signal_cap_invalid where there is no alert that can be taken
 */
export function readDocument(document: Uint8Array | string): Document {
  try {
    return sorted(readCap(document, { lenient: true }));
  } catch (error) {
    if (!(error instanceof CapError)) throw error;
    throw new Problem("signal_cap_invalid", { findings: few(error.problems.map(findingOf)) });
  }
}

/** Puts what was found to the alerts that it was found in: their paths begin alike. */
function sorted({ alerts, paths, signed, warnings, refused }: CapDocument): Document {
  const found = new Map<string, Found[]>();
  for (const [n, alert] of alerts.entries()) {
    const path = paths[n] as string;
    found.set(path, [...(found.get(path) ?? []), { path, alert, findings: [] }]);
  }
  const known = new Set(found.keys());
  for (const problem of refused) {
    const path = pathOf(problem, known);
    // An entry that holds several alerts, one of which was refused.
    const its = found.get(path) ?? [];
    const place = its.find(({ alert }) => alert === null) ?? { path, alert: null, findings: [] };
    place.findings.push(findingOf(problem));
    if (!its.includes(place)) found.set(path, [...its, place]);
  }
  const rest: Finding[] = [];
  for (const warning of warnings) {
    const its = found.get(pathOf(warning, known));
    if (its) for (const one of its) one.findings.push(findingOf(warning));
    else rest.push(findingOf(warning));
  }
  const inOrder = [...found].sort(([a], [b]) => byPosition(a, b)).flatMap(([, its]) => its);
  return { found: inOrder.map((one) => ({ ...one, findings: few(one.findings) })), findings: few(rest), signed };
}

/** The path of the alert, or of a feed's entry, that something lies in. */
function pathOf({ xpath }: CapProblem, known: ReadonlySet<string>): string {
  const parts = xpath.split("/");
  for (let n = parts.length; n > 1; n -= 1) {
    const path = parts.slice(0, n).join("/");
    if (known.has(path)) return path;
  }
  return (/^\/feed\/entry\[\d+\]/.exec(xpath) ?? /^.*?\/alert(\[\d+\])?(?=\/|$)/.exec(xpath))?.[0] ?? xpath;
}

/** Paths in the order of the document, as far as they tell it. */
function byPosition(a: string, b: string): number {
  const [left, right] = [positions(a), positions(b)];
  const at = left.findIndex((n, i) => n !== right[i]);
  return at < 0 ? left.length - right.length : (left[at] as number) - (right[at] ?? 0);
}
const positions = (path: string): number[] => path.split("/").map((part) => Number(/\[(\d+)\]$/.exec(part)?.[1] ?? 1));

export const findingOf = ({ xpath, code, message }: Finding): Finding => ({
  xpath: xpath.slice(0, 2000),
  code,
  message: message.slice(0, 2000),
});

export const few = (findings: readonly Finding[]): Finding[] => findings.slice(0, mostFindings);
