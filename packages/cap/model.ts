import type { Point } from "./point.ts";
import type {
  CapCategory,
  CapCertainty,
  CapMsgType,
  CapResponseType,
  CapScope,
  CapSeverity,
  CapStatus,
  CapUrgency,
  CapVersion,
} from "./vocabulary.ts";

/**
 * A whole CAP 1.2 alert, by CAP's own names. Lists keep the order of the document, text is trimmed at both ends, and an optional
 * element that is empty counts as absent (`null`). A time is text in CAP's form, `2018-08-15T14:52:00-08:00`, with the zone of its
 * sender. All text is foreign: it is kept as it is, and never to be interpreted.
 *
 * @see OASIS CAP 1.2, section 3.2.1
 */
export type CapAlert = {
  /** Of the namespace in which it came. It is always written as 1.2. */
  version: CapVersion;
  identifier: string;
  sender: string;
  sent: string;
  status: CapStatus;
  msgType: CapMsgType;
  source: string | null;
  scope: CapScope;
  restriction: string | null;
  addresses: string[];
  code: string[];
  note: string | null;
  references: CapReference[];
  incidents: string[];
  info: CapInfo[];
  /** The XML signatures that came with it. Reading checks none (`checkSignature` does), and none is written: what we write is another document. */
  signatures: CapSignature[];
};

/** @see OASIS CAP 1.2, section 3.2.2 */
export type CapInfo = {
  /** `null` means en-US. */
  language: string | null;
  category: CapCategory[];
  event: string;
  responseType: CapResponseType[];
  urgency: CapUrgency;
  severity: CapSeverity;
  certainty: CapCertainty;
  audience: string | null;
  eventCode: CapPair[];
  effective: string | null;
  onset: string | null;
  expires: string | null;
  senderName: string | null;
  headline: string | null;
  description: string | null;
  instruction: string | null;
  web: string | null;
  contact: string | null;
  parameter: CapPair[];
  resource: CapResource[];
  area: CapArea[];
};

/** @see OASIS CAP 1.2, section 3.2.3 */
export type CapResource = {
  resourceDesc: string;
  mimeType: string;
  /** In bytes. */
  size: number | null;
  uri: string | null;
  /** Base64, as it came. */
  derefUri: string | null;
  /** SHA-1 in hexadecimal, as it came. */
  digest: string | null;
};

/** @see OASIS CAP 1.2, section 3.2.4 */
export type CapArea = {
  areaDesc: string;
  /** Closed rings, as sent: one that crosses the date line jumps there. `normalRing` takes the jump away. */
  polygon: Point[][];
  circle: CapCircle[];
  geocode: CapPair[];
  /** In feet above mean sea level, like `ceiling`. */
  altitude: number | null;
  ceiling: number | null;
};

export type CapCircle = { centre: Point; radiusKilometres: number };
export type CapPair = { valueName: string; value: string };
export type CapReference = { sender: string; identifier: string; sent: string };
export type CapSignature = { xml: string; state: "unverified" };

/** An Atom feed, with the alerts of its entries. @see RFC 4287 */
export type CapFeed = {
  id: string | null;
  title: string | null;
  updated: string | null;
  links: CapLink[];
  entries: CapEntry[];
};

/**
 * An entry of a feed. `alert`: it carries whole alerts. `summary`: its alert is made of CAP elements of the entry, and of stand-ins for
 * what they don't tell. `link`: it only says where an alert is.
 */
export type CapEntry = {
  id: string | null;
  title: string | null;
  published: string | null;
  updated: string | null;
  links: CapLink[];
  kind: "alert" | "summary" | "link";
  /** The same objects as in the list of all alerts. Empty where the entry was refused. */
  alerts: CapAlert[];
  /** For a summary: the fields of an alert that it doesn't tell, mandatory or not. */
  lacks: string[];
};

export type CapLink = { href: string; rel: string; type: string | null };
