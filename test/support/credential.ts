/** A person's session among the credentials of tests, which are keys' texts otherwise. */
export const sessionPrefix = "session:";

/** Where the server under test says that it is reached: whose pages may change something. */
export const testOrigin = "http://dais.test";

/** The fields by which a caller shows its credential: a key's text, or a session as `place().person()` gives it, from a page of ours. */
export function authorized(credential: string | null): Record<string, string> {
  if (credential === null) return {};
  if (!credential.startsWith(sessionPrefix)) return { authorization: `Bearer ${credential}` };
  return { cookie: `__Host-dais_session=${credential.slice(sessionPrefix.length)}`, origin: testOrigin };
}
