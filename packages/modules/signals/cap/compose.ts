import { type CapDraft, type CapInfoDraft, completeCap } from "@dais/cap/complete";
import type { CapAlert } from "@dais/cap/model";
import { capTime } from "@dais/cap/time";
import type { CapCategory, CapCertainty, CapSeverity } from "@dais/cap/vocabulary";
import type { Signal } from "@dais/contracts/signals";
import type { Ctx } from "@dais/kernel/context";
import { cut, oneLine } from "./words.ts";

/**
 * A signal as an alert, where no alert says what it says now. Each version of it is a message of its own: the first one an alert, later
 * ones updates of it, and the one that it was withdrawn by a cancellation. What a signal doesn't tell gets the defaults of `completeCap`.
 *
 * @see docs/signals.md, which has this as a table
 */
export function composed(ctx: Pick<Ctx, "tenant" | "publicUrl">, signal: Signal): CapAlert {
  const sender = senderOf(ctx);
  const first = { sender, identifier: `${signal.id}.1`, sent: capTime(new Date(signal.createdAt)) };
  return completeCap({
    ...stamped(signal.classification),
    sender,
    identifier: `${signal.id}.${signal.version}`,
    sent: capTime(new Date(signal.updatedAt)),
    msgType: signal.version === 1 ? "Alert" : signal.state === "withdrawn" ? "Cancel" : "Update",
    source: signal.source,
    note: signal.stateReason,
    references: signal.version === 1 ? [] : [first],
    incidents: signal.groupId ? [signal.groupId] : [],
    info: infosOf(signal),
  }).alert;
}

/** Who sends what Dais makes: the organisation, at the host where callers reach the server. */
export const senderOf = ({ tenant, publicUrl }: Pick<Ctx, "tenant" | "publicUrl">): string =>
  `${tenant.slug}@${URL.canParse(publicUrl) ? new URL(publicUrl).hostname : "localhost"}`;

/** Whatever Dais makes of signals is for whom its classification lets see it: it never says `Public` by itself. */
export const stamped = (classification: string): Pick<CapDraft, "scope" | "restriction"> => ({
  scope: "Restricted",
  restriction: `Classification: ${classification}`,
});

/** An info for each language that a signal is told in. */
export function infosOf(signal: Signal): CapInfoDraft[] {
  const { title, body, language } = signal;
  return [{ title, body, language }, ...signal.translations].map((said) => ({
    language: said.language,
    category: [categoryOf(signal.category)],
    event: oneLine(signal.label ?? said.title, 500),
    severity: capital(signal.severity) as CapSeverity,
    certainty: certaintyOf(signal.confidence),
    onset: capTime(new Date(signal.occurredAt)),
    expires: signal.expiresAt && capTime(new Date(signal.expiresAt)),
    senderName: signal.source,
    headline: said.title,
    description: said.body || null,
    area: areasOf(signal),
  }));
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const categoryOf = (category: Signal["category"]): CapCategory =>
  (category === "cbrne" ? "CBRNE" : capital(category)) as CapCategory;

/** As the middle of what each word says: so a signal that came from an alert gets the alert's own word back. */
function certaintyOf(confidence: number | null): CapCertainty {
  if (confidence === null) return "Unknown";
  if (confidence === 1) return "Observed";
  if (confidence > 0.5) return "Likely";
  return confidence > 0 ? "Possible" : "Unlikely";
}

function areasOf({ area, place, geocodes }: Signal): NonNullable<CapInfoDraft["area"]> {
  if (area === null && place === null && geocodes.length === 0) return [];
  const at = ({ lat, lon }: { lat: number; lon: number }) => ({ latitude: lat, longitude: lon });
  const { points = [], polygons = [], circles = [] } = place ?? {};
  return [
    {
      areaDesc: area && cut(area, 2000),
      polygon: polygons.map((ring) => ring.map(at)),
      circle: [
        ...points.map((point) => ({ centre: at(point), radiusKilometres: 0 })),
        ...circles.map(({ radiusKm, ...centre }) => ({ centre: at(centre), radiusKilometres: radiusKm })),
      ],
      geocode: geocodes.map(({ scheme, value }) => ({ valueName: scheme, value })),
    },
  ];
}
