import { createHash } from "node:crypto";
import { groupsOf } from "@dais/adapters/graph";
import { type OidcClient, type SignedIn, SignInRefused } from "@dais/adapters/oidc";
import { idOf } from "@dais/contracts/kit/ids";
import { type Entrance, entrancesFor } from "@dais/kernel/directory";
import type { Kernel } from "@dais/kernel/dispatch";
import { type Sources, uuidMaker } from "@dais/kernel/ids";
import type { Pool } from "@dais/kernel/pool";
import { Problem } from "@dais/kernel/problem";
import type { Sealer } from "@dais/kernel/seal";
import type { Session, Sessions } from "@dais/kernel/sessions";
import { signIn } from "@dais/modules/people/sign-in";
import type { Caller } from "../request.ts";
import { on } from "./on.ts";
import type { Current } from "./parts.ts";
import { provenAt, steppingUp } from "./step-up.ts";
import { sealedTokens } from "./tokens.ts";

/** What a sign-in stands on. */
export type Parts = {
  oidc: OidcClient;
  kernel: Pick<Kernel, "perform">;
  sessions: Sessions;
  pool: Pool;
  sealer: Sealer;
  sources: Sources;
  /** Where Microsoft Graph answers, or null where the issuer has none. */
  graphUrl: string | null;
  hours: number;
};

/** What the browser is in the middle of, kept for its single use. */
type Under = {
  nonce: string;
  verifier: string;
  returnTo: string;
  /** SHA-256 of the cookie by which we know the browser that began. */
  browser: string;
  /** Whether the issuer was asked for a second factor. */
  secondFactor: boolean;
  /** The session that is to be proven, where there is one. */
  stepUp: Current | null;
};
export type Beginning = Pick<Under, "returnTo" | "secondFactor" | "stepUp"> & { browser: string | null };
export type Begun = { url: URL; browser: string };
/** Where an answer of the issuer's came from: the browser by its cookie, and what of the request is kept. */
export type From = { browser: string | null; caller: Caller; userAgent: string | null };
/** Where a callback led: in, to a choice among tenants, or to a disabled account. */
export type Arrival =
  | { kind: "in"; text: string; sessionId: string; returnTo: string; endsAt: number }
  | { kind: "choice"; choice: string; entrances: Entrance[] }
  | { kind: "disabled" };

export type SignIns = ReturnType<typeof signIns>;

/** How long somebody may take at the issuer's page. */
export const patienceSeconds = 600;

const hash = (text: string) => createHash("sha256").update(text).digest("hex");

/**
 * Sign-in, from its beginning to the session. Every value that travels through the browser is bound to the browser that began
 * (a cookie), and works once. @see RFC 9700, section 2.1
 */
export function signIns(parts: Parts) {
  const { oidc, kernel, sessions, pool, sources } = parts;
  const stepUp = steppingUp(parts);
  const newId = uuidMaker(sources);
  const tokensOf = sealedTokens(parts.sealer);
  const text = () => Buffer.from(sources.random(32)).toString("base64url");

  /** A browser that is known already keeps its cookie: sign-ins in several of its windows all succeed. @throws IssuerAway */
  async function begin({ browser: known, ...of }: Beginning): Promise<Begun> {
    const { url, state, nonce, verifier } = await oidc.begin({ stepUp: of.secondFactor });
    const browser = known ?? text();
    const under: Under = { ...of, nonce, verifier, browser: hash(browser) };
    await sessions.keep(`sign-in:${hash(state)}`, JSON.stringify(under), patienceSeconds);
    return { url, browser };
  }

  /** @throws SignInRefused, IssuerAway */
  async function finish(callback: URLSearchParams, from: From): Promise<Arrival> {
    const state = callback.get("state") ?? "";
    const kept = await sessions.take(`sign-in:${hash(state)}`);
    if (!kept) throw new SignInRefused("the state is unknown, or was used already");
    const under = JSON.parse(kept) as Under;
    sameBrowser(from, under);
    const { nonce, verifier } = under;
    const person = () => oidc.finish(callback, { state, nonce, verifier });
    if (!under.stepUp) return entering(await person(), under, from);
    return { kind: "in", returnTo: under.returnTo, ...(await stepUp(under.stepUp, person, from.caller)) };
  }

  async function entering(person: SignedIn, under: Under, from: From): Promise<Arrival> {
    const entrances = await entrancesFor(pool, person.tid, person.oid);
    const [only] = entrances;
    if (!only) throw new SignInRefused("no organisation takes sign-ins of this person's directory");
    if (entrances.length === 1) return enter(only, person, under, from);
    const choice = text();
    const waiting = parts.sealer.seal(JSON.stringify({ person, under }), "choice");
    await sessions.keep(`choice:${hash(choice)}`, waiting, patienceSeconds);
    return { kind: "choice", choice, entrances };
  }

  /** @throws SignInRefused */
  async function choose(choice: string, slug: string, from: From): Promise<Arrival> {
    const kept = await sessions.take(`choice:${hash(choice)}`);
    const opened = kept && parts.sealer.open(kept, "choice");
    if (!opened) throw new SignInRefused("the choice is unknown, or was made already");
    const { person, under } = JSON.parse(opened) as { person: Stored<SignedIn>; under: Under };
    sameBrowser(from, under);
    const entrance = (await entrancesFor(pool, person.tid, person.oid)).find((one) => one.slug === slug);
    if (!entrance) throw new SignInRefused("not one of the organisations to choose from");
    return enter(entrance, revived(person), under, from);
  }

  async function enter(at: Entrance, person: SignedIn, under: Under, { caller, userAgent }: From): Promise<Arrival> {
    const known = await kernel.perform(signIn, on(at.id, caller), await said(person)).catch(unwelcome);
    if (!known || known.disabled) return { kind: "disabled" };
    const openedAt = sources.now().getTime();
    const session: Session = {
      id: idOf("ses", newId()),
      tenantId: at.id,
      personId: known.personId,
      openedAt,
      provenAt: provenAt(person, under.secondFactor, openedAt),
      endsAt: openedAt + parts.hours * 3_600_000,
      address: caller.address,
      userAgent: userAgent?.slice(0, 200) ?? null,
      issuer: person.issuer,
      issuerSid: person.sid,
      subject: person.sub,
    };
    const opened = await sessions.open(session, tokensOf(person, session));
    return { kind: "in", text: opened, sessionId: session.id, returnTo: under.returnTo, endsAt: session.endsAt };
  }

  /** What the issuer says of a person, as the directory's word. */
  async function said(person: SignedIn) {
    const groups = person.groups === "overage" ? await moreGroups(person) : person.groups;
    const { tid, oid, name, email, preferredUsername, roles: appRoles } = person;
    return { tid, oid, name, email, preferredUsername, appRoles, groups };
  }

  const moreGroups = async ({ accessToken }: SignedIn): Promise<string[] | null> =>
    parts.graphUrl && accessToken ? groupsOf(parts.graphUrl, accessToken) : null;

  return { begin, finish, choose, said, tokensOf };
}

/** @throws SignInRefused where it isn't the browser that began */
function sameBrowser({ browser }: From, under: Under): void {
  if (!browser || hash(browser) !== under.browser) throw new SignInRefused("another browser began this sign-in");
}

/** The directory stopped making people, or was shut out, since its organisations were looked up. */
function unwelcome(error: unknown): never {
  if (error instanceof Problem && error.code === "unauthenticated")
    throw new SignInRefused("the organisation doesn't take this person");
  throw error;
}

type Stored<T> = { [K in keyof T]: T[K] extends Date ? string : T[K] extends Date | null ? string | null : T[K] };
const revived = (person: Stored<SignedIn>): SignedIn => ({
  ...person,
  authTime: person.authTime === null ? null : new Date(person.authTime),
  issuedAt: new Date(person.issuedAt),
  accessExpiresAt: person.accessExpiresAt === null ? null : new Date(person.accessExpiresAt),
});
