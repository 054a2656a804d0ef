import type { CapAlert, CapArea, CapInfo, CapResource } from "./model.ts";
import { CapError } from "./problems.ts";

/** An alert of which only some is known. `undefined` and `null` mean that it isn't. */
export type CapDraft = Some<Omit<CapAlert, "info">> & { info?: CapInfoDraft[] };
export type CapInfoDraft = Some<Omit<CapInfo, "resource" | "area">> & {
  resource?: Some<CapResource>[];
  area?: Some<CapArea>[];
};
type Some<T> = { [K in keyof T]?: T[K] | null };

/**
 * What stands for a mandatory field of CAP that a source doesn't tell. Nothing stands for `identifier`, `sender` and `sent`: an alert
 * that can't be told from others is none. The scope is the narrower one: a source that says nothing doesn't say `Public`.
 */
export const capDefaults = {
  status: "Actual",
  msgType: "Alert",
  scope: "Restricted",
  restriction: "The source does not say for whom this is.",
  category: "Other",
  event: "Unspecified event",
  urgency: "Unknown",
  severity: "Unknown",
  certainty: "Unknown",
  areaDesc: "Unspecified area",
  resourceDesc: "Unspecified resource",
  mimeType: "application/octet-stream",
} as const;

/** A default that was taken: where, and what it says. */
export type CapDefault = { xpath: string; value: string };

/**
 * Makes a whole alert of what is known, and tells which defaults it took. The event is the headline, where only that is known.
 *
 * @throws CapError `field_missing` without an identifier, a sender or a time
 */
export function completeCap(draft: CapDraft): { alert: CapAlert; defaults: CapDefault[] } {
  const defaults: CapDefault[] = [];
  const or: Or = (xpath, value, standIn) => {
    if (value !== undefined && value !== null && value !== "") return value;
    defaults.push({ xpath, value: String(standIn) });
    return standIn;
  };
  const scope = or("/alert/scope", draft.scope, capDefaults.scope);
  const restricted = scope === "Restricted";
  const alert: CapAlert = {
    version: draft.version ?? "1.2",
    ...identityOf(draft),
    status: or("/alert/status", draft.status, capDefaults.status),
    msgType: or("/alert/msgType", draft.msgType, capDefaults.msgType),
    source: draft.source ?? null,
    scope,
    restriction: restricted
      ? or("/alert/restriction", draft.restriction, capDefaults.restriction)
      : (draft.restriction ?? null),
    addresses: draft.addresses ?? [],
    code: draft.code ?? [],
    note: draft.note ?? null,
    references: draft.references ?? [],
    incidents: draft.incidents ?? [],
    info: (draft.info ?? []).map((info, n) => completeInfo(or, `/alert/info[${n + 1}]`, info)),
    signatures: draft.signatures ?? [],
  };
  return { alert, defaults };
}

type Or = <T>(xpath: string, value: T | null | undefined, standIn: T) => T;

function identityOf({ identifier, sender, sent }: CapDraft): Pick<CapAlert, "identifier" | "sender" | "sent"> {
  if (identifier && sender && sent) return { identifier, sender, sent };
  const missing = Object.entries({ identifier, sender, sent }).filter(([, value]) => !value);
  throw new CapError(
    missing.map(([name]) => ({ code: "field_missing", xpath: `/alert/${name}`, message: `${name} is missing.` })),
  );
}

function completeInfo(or: Or, at: string, draft: CapInfoDraft): CapInfo {
  const kinds = draft.category?.length ? draft.category : null;
  return {
    language: draft.language ?? null,
    category: or<CapInfo["category"]>(`${at}/category[1]`, kinds, [capDefaults.category]),
    event: or(`${at}/event`, draft.event, draft.headline || capDefaults.event),
    responseType: draft.responseType ?? [],
    urgency: or(`${at}/urgency`, draft.urgency, capDefaults.urgency),
    severity: or(`${at}/severity`, draft.severity, capDefaults.severity),
    certainty: or(`${at}/certainty`, draft.certainty, capDefaults.certainty),
    audience: draft.audience ?? null,
    eventCode: draft.eventCode ?? [],
    effective: draft.effective ?? null,
    onset: draft.onset ?? null,
    expires: draft.expires ?? null,
    senderName: draft.senderName ?? null,
    headline: draft.headline ?? null,
    description: draft.description ?? null,
    instruction: draft.instruction ?? null,
    web: draft.web ?? null,
    contact: draft.contact ?? null,
    parameter: draft.parameter ?? [],
    resource: (draft.resource ?? []).map((each, n) => completeResource(or, `${at}/resource[${n + 1}]`, each)),
    area: (draft.area ?? []).map((each, n) => ({
      areaDesc: or(`${at}/area[${n + 1}]/areaDesc`, each.areaDesc, capDefaults.areaDesc),
      polygon: each.polygon ?? [],
      circle: each.circle ?? [],
      geocode: each.geocode ?? [],
      altitude: each.altitude ?? null,
      ceiling: each.ceiling ?? null,
    })),
  };
}

function completeResource(or: Or, at: string, draft: Some<CapResource>): CapResource {
  return {
    resourceDesc: or(`${at}/resourceDesc`, draft.resourceDesc, capDefaults.resourceDesc),
    mimeType: or(`${at}/mimeType`, draft.mimeType, capDefaults.mimeType),
    size: draft.size ?? null,
    uri: draft.uri ?? null,
    derefUri: draft.derefUri ?? null,
    digest: draft.digest ?? null,
  };
}
