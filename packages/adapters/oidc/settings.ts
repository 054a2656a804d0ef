import type { Log } from "@dais/kernel/context";

export type OidcSettings = {
  /**
   * `https://login.microsoftonline.com/<directory id>/v2.0`, or any OpenID Connect issuer, exactly as its discovery document says it.
   * `organizations` or `common` in the place of the directory's id takes every directory that `allowedTid` does.
   */
  issuer: string;
  clientId: string;
  /** A secret goes into the body where the issuer takes it there, otherwise into the header. PEM texts for a certificate. */
  credential: { secret: string; sentIn?: "body" | "header" } | { certificate: { pem: string; key: string } };
  /** Sent exactly as it is here, both times. */
  redirectUri: string;
  /** `openid profile email offline_access` unless said otherwise. */
  scopes?: readonly string[];
  /** Asked once a token is known to be the issuer's. What it throws reaches the caller as it is. */
  allowedTid(tid: string): boolean | Promise<boolean>;
  now(): Date;
  random(bytes: number): Uint8Array;
  log: Log;
  /** Of each request to the issuer; 5000 unless said otherwise. */
  timeoutMs?: number;
};

/** What an ID token says of a person. */
export type Identity = {
  /** The directory: `tid` at Entra ID, elsewhere the issuer itself. */
  tid: string;
  /** The person in that directory: `oid` at Entra ID, elsewhere `sub`. With `tid` the only name to know somebody by. */
  oid: string;
  /** The issuer as the token names it. */
  issuer: string;
  /** The name under which logout tokens speak of the person. At Entra ID each application has another one. */
  sub: string;
  /** The issuer's session, for logging out. */
  sid: string | null;
  /** For display: at most 200 characters, without control characters. May hold markup. */
  name: string | null;
  email: string | null;
  preferredUsername: string | null;
  roles: string[];
  /** `overage`: too many for a token; ask the directory. */
  groups: string[] | "overage";
  /** How the person proved who they are. */
  amr: string[];
  /** The authentication contexts that the issuer vouches for. */
  acrs: string[];
  authTime: Date | null;
  issuedAt: Date;
};
/** What to renew the issuer's word with. Secrets, but for the times. */
export type Tokens = {
  idToken: string;
  accessToken: string | null;
  accessExpiresAt: Date | null;
  refreshToken: string | null;
};
export type SignedIn = Identity & Tokens;

export type BeginOptions = {
  /** Asks for a second factor, now: the authentication context `c1`. */
  stepUp?: boolean;
  loginHint?: string;
  prompt?: string;
};
export type Begun = { url: URL; state: string; nonce: string; verifier: string };
/** What `begin` gave: the caller keeps it for the browser that began, and for one use. */
export type Expected = Pick<Begun, "state" | "nonce" | "verifier">;

export type EndSessionOptions = { idTokenHint?: string; postLogoutRedirectUri?: string; state?: string };
export type LogoutNotice = {
  issuer: string;
  /** One of the two is there. */
  sid: string | null;
  sub: string | null;
  /** Good for one use until `expiresAt`: the caller sees to it. */
  jti: string;
  issuedAt: Date;
  expiresAt: Date;
};
