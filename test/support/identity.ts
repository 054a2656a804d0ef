import { randomBytes } from "node:crypto";
import type { SignInSettings } from "@dais/api/auth/settings";
import type { Server } from "@dais/api/server";
import { type Issuer, type IssuerPerson, type IssuerTenant, startIssuer } from "@dais/issuer";
import { freePort } from "@dais/local/port";

import { type Browser, newBrowser, type Page } from "./browser.ts";
import { afterFile } from "./ending.ts";
import { asOwner } from "./owner.ts";
import { type Place, place } from "./place.ts";
import { type Options, startServer } from "./server.ts";

/** A directory with people, the issuer that vouches for them, a server that believes it, and an organisation that takes them. */
export type Identity = {
  issuer: Issuer;
  server: Server;
  url: string;
  tid: string;
  place: Place;
  settings: SignInSettings;
};

/** A person of a directory, by default an operations officer. */
export const somebody = (of: Partial<IssuerPerson> = {}): IssuerPerson => ({
  oid: crypto.randomUUID(),
  name: "Layla Al Marri",
  title: "Operations officer",
  preferredUsername: "layla@rimal.example",
  email: "layla@rimal.example",
  roles: ["operational"],
  groups: [],
  ...of,
});

/** Lets a directory's people into an organisation, with app roles that mean what they are called. */
export async function admits({ tenantId }: Place, tid: string, makesPeople = true): Promise<void> {
  const sql = asOwner();
  await sql`insert into directories (tid, tenant_id, makes_people) values (${tid}, ${tenantId}, ${makesPeople})`;
  for (const role of ["executive", "operational", "approver", "admin", "auditor"]) {
    await sql`insert into directory_rules (tenant_id, kind, value, role) values (${tenantId}, 'app_role', ${role}, ${role})
      on conflict do nothing`;
  }
}

export type IdentityOptions = {
  people?: readonly IssuerPerson[];
  directories?: readonly IssuerTenant[];
  server?: Options;
  issuer?: Partial<Parameters<typeof startIssuer>[0]>;
  /** Between the start of the issuer and that of the server. */
  before?(issuer: Issuer): Promise<void>;
  /** Who vouches, where it isn't the issuer by itself. */
  settings?(of: SignInSettings): SignInSettings;
};

/** Starts all of it, each at an address of its own. Stopped after the file. */
export async function startIdentity(options: IdentityOptions = {}): Promise<Identity> {
  const tid = crypto.randomUUID();
  const port = await freePort(20_000 + Math.floor(Math.random() * 20_000));
  const url = `http://localhost:${port}`;
  const client = {
    clientId: crypto.randomUUID(),
    clientSecret: randomBytes(16).toString("hex"),
    redirectUris: [`${url}/auth/callback`],
    postLogoutRedirectUris: [`${url}/auth/signed-out`],
    frontchannelLogoutUri: `${url}/auth/front-channel-logout`,
    backchannelLogoutUri: `${url}/auth/back-channel-logout`,
  };
  const issuer = await startIssuer({
    nodeEnv: "test",
    tenants: [{ tid, name: "Rimal Holding", people: options.people ?? [somebody()] }, ...(options.directories ?? [])],
    clients: [client],
    ...options.issuer,
  });
  afterFile(() => issuer.stop());
  await options.before?.(issuer);
  const settings: SignInSettings = {
    issuer: issuer.issuerOf(tid),
    clientId: client.clientId,
    credential: { secret: client.clientSecret },
    graphUrl: issuer.graphUrl,
  };
  const given = options.settings?.(settings) ?? settings;
  const { env, ...rest } = options.server ?? {};
  const server = await startServer({
    ...rest,
    env: { PORT: String(port), PUBLIC_URL: url, ...env },
    issuer: async () => given,
  });
  const here = await place();
  await admits(here, tid);
  return { issuer, server, url, tid, place: here, settings: given };
}

/** Signs somebody in by their button at the issuer, and answers with the browser and where that led. */
export async function signedIn(
  { url }: Pick<Identity, "url">,
  who = "Layla Al Marri",
  { browser = newBrowser(), returnTo = "/v1/me" } = {},
): Promise<{ browser: Browser; page: Page }> {
  const choice = await browser.open(`${url}/auth/sign-in?returnTo=${encodeURIComponent(returnTo)}`);
  return { browser, page: await browser.press(choice, who) };
}
