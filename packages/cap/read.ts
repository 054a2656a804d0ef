import { readAlert } from "./alert.ts";
import { decodeXml } from "./encoding.ts";
import { alertsWithin, isAlert, readFeed } from "./feed.ts";
import { type CapLimits, defaultLimits } from "./limits.ts";
import type { CapAlert, CapFeed } from "./model.ts";
import { CapError, type CapProblem, type CapWarning } from "./problems.ts";
import { atMost, type Reading, soundOnly, startReading } from "./reading.ts";
import { atomNamespace } from "./vocabulary.ts";
import { type Element, parseXml, pathOf } from "./xml.ts";

export type ReadOptions = {
  /** Others than `defaultLimits`. */
  limits?: Partial<CapLimits>;
  /** Take deviations whose meaning is plain as warnings, and leave out alerts that can't be taken where there are others. */
  lenient?: boolean;
};

export type CapDocument = {
  alerts: CapAlert[];
  /** Where each alert stands in the document, as the paths of its warnings begin; of one in a feed, its entry. */
  paths: string[];
  feed: CapFeed | null;
  /** The document in characters, where it is one alert with signatures: these are of the whole document. */
  signed: string | null;
  warnings: CapWarning[];
  /** Lenient: why alerts were left out. */
  refused: CapProblem[];
};

/**
 * Reads one alert of CAP 1.1 or 1.2, an Atom feed of alerts or of summaries, or any document with alerts in it. Strict: as the schema and
 * the standard want it, with all problems at once. `policies` says what is tolerated with `lenient`.
 *
 * @throws CapError with all problems; where the document itself can't be read, or has too much, with the first
 * @see OASIS CAP 1.2; RFC 4287
 */
export function readCap(document: Uint8Array | string, options: ReadOptions = {}): CapDocument {
  const limits = { ...defaultLimits, ...options.limits };
  const xml = decodeXml(document, limits.bytes);
  const root = parseXml(xml, limits);
  const reading = startReading(xml, limits, options.lenient ?? false);
  const { alerts, paths, feed } = readRoot(reading, root);
  // A feed may well be empty, or have links only; a document of which nothing is left is refused.
  if (reading.problems.length > 0 && (!reading.lenient || alerts.length === 0)) throw new CapError(reading.problems);
  const signed = isAlert(root) && alerts.some(({ signatures }) => signatures.length > 0) ? xml : null;
  return { alerts, paths, feed, signed, warnings: reading.warnings, refused: reading.problems };
}

function readRoot(reading: Reading, root: Element): Pick<CapDocument, "alerts" | "paths" | "feed"> {
  if (root.name === "feed" && root.uri === atomNamespace) {
    const feed = readFeed(reading, root);
    const paths = feed.entries.flatMap(({ alerts }, n) => alerts.map(() => `${pathOf(root)}/entry[${n + 1}]`));
    return { alerts: feed.entries.flatMap(({ alerts }) => alerts), paths, feed };
  }
  const elements = isAlert(root) ? [root] : alertsWithin(root);
  atMost(root, elements.length, reading.limits.alerts, "alerts");
  if (elements.length === 0) {
    throw new CapError([{ code: "no_alert", xpath: pathOf(root), message: "There is no CAP alert in the document." }]);
  }
  const sound = elements.flatMap((each) => {
    const alert = soundOnly(reading, () => readAlert(reading, each));
    return alert ? [{ alert, path: pathOf(each) }] : [];
  });
  return { alerts: sound.map(({ alert }) => alert), paths: sound.map(({ path }) => path), feed: null };
}
