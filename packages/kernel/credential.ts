import { sha256 } from "./canonical.ts";

/**
 * What a caller shows: a bearer token (an API key's text, or a token of the issuer), or the text of a session's cookie. Or which queue a message
 * came by: no caller can show that, and the worker says it.
 */
export type Credential = {
  scheme: "bearer" | "session" | "queue";
  text: string;
  /** `per_…`, for whom an agent says that it acts: a word of the caller's, to be judged. */
  actingFor?: string | null;
};

/** What processes and stores know a credential by. */
export const hashOf = ({ text }: Credential): string => sha256(text);

/**
 * What a process remembers a credential under: as what it was shown, so that a session's text in the place of a key is none, and for
 * whom.
 */
export const nameOf = ({ scheme, actingFor = null }: Credential, hash: string): string =>
  actingFor === null ? `${scheme} ${hash}` : `${scheme} ${hash} for ${actingFor}`;
