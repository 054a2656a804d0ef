import { sha256 } from "./canonical.ts";

/**
 * What the server keeps of a signed-in browser. The cookie holds 256 random bits and nothing else; the store knows their SHA-256, so that
 * whoever reads the store can't sign in with what it holds. Never changed in place: a session that proves more gets another text.
 */
export type Session = {
  /** Public id, `ses_…`: for lists, audit entries and revoking. It opens nothing. */
  id: string;
  /** The tenant's uuid. */
  tenantId: string;
  /** `per_…`. */
  personId: string;
  /** Milliseconds since 1970, as all moments here. */
  openedAt: number;
  /** When the person last proved a second factor, or null. */
  provenAt: number | null;
  /** However busy it is, the session is over then. */
  endsAt: number;
  address: string;
  /** What the browser says it is, cut to 200 characters: data from outside. */
  userAgent: string | null;
  /** Who vouched for the person, and the names by which that issuer can end the session. */
  issuer: string;
  issuerSid: string | null;
  subject: string;
};

/** The issuer's tokens of a session, sealed. Past `renewAt` somebody renews them; past `expiresAt` nobody is served until that is done. */
export type Tokens = { sealed: string; renewAt: number; expiresAt: number };

/** A session as lists show it. */
export type Seen = Session & { lastSeenAt: number };

/** A session by its `sid`, at one issuer or at any, or all of a subject, whose name means something at its issuer only. All must fit. */
export type Named =
  | { sid: string; issuer?: string; subject?: string }
  | { sid?: undefined; issuer: string; subject: string };

/**
 * Where sessions live: Redis where it is configured, otherwise the memory of the one process. A session that nobody uses for the idle
 * time is gone. Every function rejects when the store is away.
 */
export type Sessions = {
  /** Keeps a new session and answers with its text, for the cookie. */
  open(session: Session, tokens: Tokens | null): Promise<string>;
  /** One exchange. Doesn't count as use. `hash`: `sessionHash` of the text. */
  read(hash: string): Promise<{ session: Session; tokens: Tokens | null } | null>;
  /** Puts another session in the place of one: a new text, and the old one opens nothing any more. Null where it is over already. */
  rotate(hash: string, session: Session, tokens: Tokens | null): Promise<string | null>;
  /** Of one person, newest first; at most 100. */
  list(of: { tenantId: string; personId: string }): Promise<Seen[]>;
  /** False where there is no such session of this person. */
  end(of: { tenantId: string; personId: string; id: string }): Promise<boolean>;
  /** Ends all of a person's, but for the one with the id `except`; answers with how many. */
  endAll(of: { tenantId: string; personId: string; except?: string }): Promise<number>;
  /** Ends the sessions that an issuer names by its `sid`, or by the subject; answers with what they were. Without `issuer`: `sid` at any. */
  endNamed(by: Named): Promise<Session[]>;
  /**
   * The right to renew a session's tokens, for `ms`: a number larger than everyone's before, or null while somebody else has it.
   * @see https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html (fencing tokens)
   */
  claimRenewal(hash: string, ms: number): Promise<number | null>;
  /** Puts renewed tokens in the place of the old ones. False where a later holder of the right was first, or the session is over. */
  renewed(hash: string, fence: number, tokens: Tokens): Promise<boolean>;
  /** Gives the right back before its time. */
  releaseRenewal(hash: string, fence: number): Promise<void>;
  /** Keeps a value for its single use: a sign-in under way. */
  keep(name: string, value: string, seconds: number): Promise<void>;
  /** The value, this once; null where there is none, or it was taken, or its time is over. */
  take(name: string): Promise<string | null>;
  /** True the first time that a name is said within `seconds`. */
  first(name: string, seconds: number): Promise<boolean>;
};

/** The text of a new session, for its cookie: 256 random bits. */
export const newSessionText = (random: (bytes: number) => Uint8Array): string =>
  Buffer.from(random(32)).toString("base64url");

/** What stores know a session by. */
export const sessionHash = (text: string): string => sha256(text);
