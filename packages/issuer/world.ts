import type Provider from "oidc-provider";
import type { Authenticator } from "./authenticator.ts";
import type { KeyRing } from "./keys.ts";
import type { Store } from "./store.ts";
import type { Tokens } from "./tokens.ts";
import type { IssuerApi, IssuerClient, IssuerPerson } from "./types.ts";

/** What all directories of one start share. */
export type World = {
  url: string;
  graphUrl: string;
  keys: KeyRing;
  authenticator: Authenticator;
  clients: ReadonlyMap<string, IssuerClient>;
  apis: readonly IssuerApi[];
  accessTokenSeconds: number;
  tamper: ((tokens: Tokens) => Tokens | Promise<Tokens>) | null;
};

/** How far somebody has come who is between the pages: who was chosen, and how many wrong codes there were. */
export type Progress = { oid: string | null; mistakes: number };

/** One directory: its people, and what its provider remembers. */
export type Directory = {
  tid: string;
  name: string;
  issuer: string;
  people: Map<string, IssuerPerson>;
  store: Store;
  /** By the id of the interaction. */
  between: Map<string, Progress>;
  /** Signs the cookies; the same for as long as the process lives. */
  cookieKey: string;
  /** Made anew when keys are rotated: it holds its keys for life. */
  provider: Provider;
};

/** Below `/<tid>`, as Entra ID has them. */
export const paths = {
  authorize: "/oauth2/v2.0/authorize",
  token: "/oauth2/v2.0/token",
  logout: "/oauth2/v2.0/logout",
  keys: "/discovery/v2.0/keys",
  discovery: "/v2.0/.well-known/openid-configuration",
  login: "/login/",
};

/** The person, unless there is none or the account is disabled. */
export function personOf(directory: Directory, oid: string | undefined): IssuerPerson | undefined {
  const person = oid === undefined ? undefined : directory.people.get(oid);
  return person?.disabled ? undefined : person;
}
