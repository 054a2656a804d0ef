import type { JWTPayload } from "jose";
import type { Tokens } from "./tokens.ts";

export type IssuerPerson = {
  /** Object id: who this is, in this directory, for ever. */
  oid: string;
  name: string;
  /** Shown beside the name on the sign-in page. */
  nameArabic?: string;
  /** Shown under the name on the sign-in page. */
  title: string;
  preferredUsername: string;
  email: string | null;
  /** App roles, for every application and API. */
  roles: readonly string[];
  /** Object ids. Beyond 200 a token names where to ask for them instead. */
  groups: readonly string[];
  disabled?: boolean;
};

/** A directory, as Entra ID calls it a tenant. */
export type IssuerTenant = { tid: string; name: string; people: readonly IssuerPerson[] };

/** A registered application. Without a secret and a certificate it is a public one. */
export type IssuerClient = {
  clientId: string;
  clientSecret?: string;
  /** Its public RSA key or certificate, as PEM; it then signs client assertions (RFC 7523) instead of sending a secret. */
  certificate?: string;
  redirectUris: readonly string[];
  /** Beside the redirect URIs. */
  postLogoutRedirectUris?: readonly string[];
  frontchannelLogoutUri?: string;
  backchannelLogoutUri?: string;
  /** App roles that its client-credentials tokens carry. */
  appRoles?: readonly string[];
};

/** An API for which tokens are given: `scope=<uri>/<scope>`, or `<uri>/.default` for all of them. */
export type IssuerApi = {
  /** The audience of its tokens. */
  clientId: string;
  /** App ID URI, for example `api://<clientId>`. */
  uri: string;
  /** For example `["access"]`. */
  scopes: readonly string[];
  /** Addresses that a caller may name it by in the parameter `resource` (RFC 8707). */
  resources?: readonly string[];
};

export type IssuerOptions = {
  /** `NODE_ENV`. In `production` it refuses to start. */
  nodeEnv: string | undefined;
  tenants: readonly IssuerTenant[];
  clients: readonly IssuerClient[];
  apis?: readonly IssuerApi[];
  /** By default any free one. */
  port?: number;
  /** By default 127.0.0.1. */
  host?: string;
  /** Serve https with this key and certificate (PEM), which must be good for the host. */
  tls?: { key: string; cert: string };
  /** The clock of codes and keys. Tokens are stamped with the machine's. */
  now?: () => Date;
  /** How long an access token lives; by default an hour. */
  accessTokenSeconds?: number;
};

export type Header = { alg?: string; kid?: string; typ?: string };

export type Issuer = {
  url: string;
  /** `<url>/<tid>/v2.0` */
  issuerOf(tid: string): string;
  graphUrl: string;
  stop(): Promise<void>;

  /** Makes a new current key. The old one stays published for as long as said, by default ten minutes; 0 drops it at once. */
  rotateKeys(options?: { keepOldSeconds?: number }): Promise<void>;
  /** From here on every request gets a 503, or loses its connection. */
  pause(how?: "unavailable" | "drop"): void;
  resume(): void;
  /** Changes a person of any directory. @throws Error for an unknown one */
  setPerson(oid: string, change: Partial<Omit<IssuerPerson, "oid">>): void;
  /** Ends the person's sessions and refresh tokens, and tells the clients that have a back-channel. How many sessions there were. */
  endSessions(oid: string): Promise<number>;
  /** What the person's authenticator shows now. */
  codeOf(oid: string): string;
  /** Signs anything with the current key, for tests of what refuses it. */
  sign(claims: JWTPayload, header?: Header): Promise<string>;
  /** Each answer of a token endpoint passes through this one from here on, until null. */
  tamper(change: ((tokens: Tokens) => Tokens | Promise<Tokens>) | null): void;
};
