/** What Microsoft writes in the place of a directory's id, where one document speaks for all directories. */
export const anyDirectory = "{tenantid}";

const shape = /^https?:\/\/[^/]+\/(?:.+\/)?([^/]+)\/v2\.0$/;
const segment = (issuer: string): string => shape.exec(issuer)?.[1] ?? "";

/**
 * Whether tokens name a directory and a person's object in it (`tid`, `oid`). Told by the issuer's form, `…/<directory>/v2.0`: elsewhere
 * claims of these names mean nothing, and might be what people write into their own profiles.
 */
export const hasDirectories = (issuer: string): boolean => shape.test(issuer);

/** What the discovery document of `…/organizations/v2.0` says its issuer is; null for any other issuer. */
export const templateOf = (issuer: string): string | null =>
  ["organizations", "common", "consumers"].includes(segment(issuer))
    ? issuer.replace(/[^/]+(?=\/v2\.0$)/, anyDirectory)
    : null;

/** The directory that speaks in a token with this `iss`, by the issuer of the metadata; null where it is not that issuer's. */
export function directoryOf(issuer: string, iss: unknown): string | null {
  if (typeof iss !== "string") return null;
  if (!issuer.includes(anyDirectory)) return iss !== issuer ? null : segment(iss) || issuer;
  const directory = segment(iss);
  const fits = /^[A-Za-z0-9-]{1,64}$/.test(directory) && iss === issuer.replace(anyDirectory, directory);
  return fits ? directory : null;
}
