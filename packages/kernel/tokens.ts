/** What an access token of the issuer says, once it is certain that the issuer says it to us, now. */
export type TokenClaims = {
  /** The directory. */
  tid: string;
  /** The application that the token was given to. */
  clientId: string;
  /** Whom the application calls for; null where it calls for itself. */
  person: {
    oid: string;
    /** What the person let the application do. */
    scopes: readonly string[];
    /** When the issuer last saw a second factor of the person's, as far as it vouches for it. */
    provenAt: Date | null;
  } | null;
  /** App roles of an application that calls for itself. */
  appRoles: readonly string[];
  issuedAt: Date;
  /** When it is refused, in milliseconds since 1970. */
  expiresAt: number;
};

/** Reads the issuer's access tokens; null for a text that vouches for nobody. @throws unavailable where the issuer must be asked, and is away */
export type ReadToken = (text: string) => Promise<TokenClaims | null>;

/** Three parts of base64url, as a signed token has them: never an API key's text. @see RFC 7515, section 7.1 */
export const looksSigned = (text: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);

/** The scope that holds everything the person may do, and the one that holds every read. */
const [whole, reading] = ["access", "read"] as const;

export const isWhole = (scopes: readonly string[]): boolean => scopes.includes(whole);

/** Those permissions that a token's scopes let through. A permission's own name is a scope, too; what else there is means nothing. */
export const within = (scopes: readonly string[], permissions: readonly string[]): string[] =>
  isWhole(scopes)
    ? [...permissions]
    : permissions.filter((one) => scopes.includes(one) || (scopes.includes(reading) && one.endsWith(".read")));
