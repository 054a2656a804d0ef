/**
 * The values that CAP 1.2 allows, as it spells them. CAP 1.1 has the same but for two response types.
 *
 * @see OASIS CAP 1.2, section 3.2
 */
export const statuses = ["Actual", "Exercise", "System", "Test", "Draft"] as const;
export const msgTypes = ["Alert", "Update", "Cancel", "Ack", "Error"] as const;
export const scopes = ["Public", "Restricted", "Private"] as const;
export const categories = [
  "Geo",
  "Met",
  "Safety",
  "Security",
  "Rescue",
  "Fire",
  "Health",
  "Env",
  "Transport",
  "Infra",
  "CBRNE",
  "Other",
] as const;
export const responseTypes = [
  "Shelter",
  "Evacuate",
  "Prepare",
  "Execute",
  "Avoid",
  "Monitor",
  "Assess",
  "AllClear",
  "None",
] as const;
export const urgencies = ["Immediate", "Expected", "Future", "Past", "Unknown"] as const;
export const severities = ["Extreme", "Severe", "Moderate", "Minor", "Unknown"] as const;
export const certainties = ["Observed", "Likely", "Possible", "Unlikely", "Unknown"] as const;

export type CapStatus = (typeof statuses)[number];
export type CapMsgType = (typeof msgTypes)[number];
export type CapScope = (typeof scopes)[number];
export type CapCategory = (typeof categories)[number];
export type CapResponseType = (typeof responseTypes)[number];
export type CapUrgency = (typeof urgencies)[number];
export type CapSeverity = (typeof severities)[number];
export type CapCertainty = (typeof certainties)[number];

/** What CAP assumes of an `info` that doesn't name its language. */
export const defaultLanguage = "en-US";

export const namespaces = {
  "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
  "urn:oasis:names:tc:emergency:cap:1.2": "1.2",
} as const;

/** The namespace that we write. */
export const writtenNamespace = "urn:oasis:names:tc:emergency:cap:1.2";
export type CapVersion = (typeof namespaces)[keyof typeof namespaces];
export const signatureNamespace = "http://www.w3.org/2000/09/xmldsig#";
export const atomNamespace = "http://www.w3.org/2005/Atom";
