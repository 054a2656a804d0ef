/** What a problem means, and what the caller can do about it. Served as a page at the problem's `type`. */
export type ProblemSpec = {
  status: 400 | 401 | 403 | 404 | 405 | 406 | 408 | 409 | 412 | 413 | 415 | 422 | 428 | 429 | 500 | 503;
  /** The same for every occurrence. */
  title: string;
  meaning: string;
  remedy: string;
  /** It means: not for the caller by name. Who acts for somebody else by a delegation may be the right one nevertheless. */
  byDelegation?: true;
};

/** One thing that is wrong with an input. `pointer` is an RFC 6901 JSON Pointer; on REST it starts with /body, /query or /path. */
export type FieldError = { pointer: string; code: string; message: string };

/** RFC 9457 problem details, the same object on every face: a REST body, `error.data.problem`, MCP `structuredContent`. */
export type ProblemDocument = {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: string;
  requestId: string;
  errors?: FieldError[];
  [extension: string]: unknown;
};

/** Problems that any operation may answer with. A code is never renamed and never reused. */
export const baseProblems = {
  unauthenticated: {
    status: 401,
    title: "Not signed in",
    meaning:
      "The call carries no credential, or one that is unknown, expired, revoked or malformed. Which of these is not told.",
    remedy:
      "Programs: send a valid API key as `Authorization: Bearer dais_…`. People: sign in at `/auth/sign-in`. If it worked before, it has ended or was revoked.",
  },
  rate_limited: {
    status: 429,
    title: "Too many requests",
    meaning: "This caller has used up its allowance for this class of operations.",
    remedy: "Wait for `Retry-After` seconds. `RateLimit` on every answer says how much is left.",
  },
  forbidden: {
    status: 403,
    title: "Not allowed",
    meaning: "The caller is known, but its permissions don't include the one that this operation needs.",
    remedy: "Ask an administrator for the permission named in `permission`.",
  },
  on_behalf_of_denied: {
    status: 403,
    title: "May not act for this person",
    meaning:
      "The call says that it is made for a person (`Dais-On-Behalf-Of`). Only a registered agent may say so, for its owner and for those whom its registration names; the person must be there, and not disabled.",
    remedy: "Call without it, or let an administrator name the person in the agent's `actsFor`.",
  },
  agent_model_mismatch: {
    status: 403,
    title: "Another model than the registered one",
    meaning:
      "The call says that the agent is another model (`Dais-Agent-Model`) than the one that it was registered with, or says what no name can be. `model` is the registered one.",
    remedy: "Call with the model that was registered, or let an administrator register the other one.",
  },
  origin_not_allowed: {
    status: 403,
    title: "Not from here",
    meaning:
      "The Host or Origin of the request is not one that this server answers to. `header` says which. It keeps web pages from reaching it under a name of theirs.",
    remedy: "Call the server by its own name, or ask the operators to allow the host or origin.",
  },
  agent_denied: {
    status: 403,
    title: "Not for agents",
    meaning: "An agent may not call this operation, whatever its permissions.",
    remedy: "Let a person do it.",
  },
  proposal_required: {
    status: 403,
    title: "An agent may only propose this",
    meaning:
      "An agent may not do this by itself: a person has to decide. A registered agent gets a proposal instead; this caller is none.",
    remedy: "Register the agent and call with a key of it, or let a person do it.",
  },
  proposal_limit: {
    status: 409,
    title: "Too many open proposals",
    meaning: "So many proposals of the agent are waiting for a person that it can't make more. `limit` says how many.",
    remedy: "Wait until some are decided, or withdraw those that aren't wanted any more.",
  },
  four_eyes: {
    status: 403,
    title: "It takes somebody else",
    meaning:
      "Whoever made, edited or submitted a thing can't approve it: not by another credential, not through an agent or a key of theirs, and not for somebody else. A program without a person behind it can't approve anything.",
    remedy: "Let a person approve it who had no hand in it.",
  },
  delegation_entity: {
    status: 403,
    title: "Not delegated for this entity",
    meaning:
      "The caller may make this move by a delegation alone, and that one is for things of another entity. `delegation` is its id.",
    remedy: "Let somebody do it who may by themselves, or who has it delegated for this entity.",
  },
  step_up_required: {
    status: 401,
    title: "More proof needed",
    meaning: "The operation needs a recent sign-in with a second factor.",
    remedy:
      "In a browser, go to `stepUp` with a `returnTo`. Elsewhere follow the claims challenge in `WWW-Authenticate`. Then send the call again.",
  },
  sign_in_failed: {
    status: 403,
    title: "Sign-in did not succeed",
    meaning:
      "The sign-in was refused, has been used already, or took too long. Which of these is not told; the server's log says so under the request's id.",
    remedy:
      "Start again from the page that you came from. If it keeps failing, tell your administrator the request's id.",
  },
  account_disabled: {
    status: 403,
    title: "The account is disabled",
    meaning: "The identity provider vouched for the person, whose account here is disabled.",
    remedy: "Ask an administrator of the organisation.",
  },
  callback_refused: {
    status: 403,
    title: "Not signed by the vendor",
    meaning:
      "What is told here of messages must be signed by the vendor who carries them, for the address that is configured. The signature is missing, doesn't fit, or is too old. Which of these is not told.",
    remedy: "Check the vendor's signing secret, and that `PUBLIC_URL` is the address that the vendor was given.",
  },
  person_required: {
    status: 403,
    title: "Only a person may do this",
    meaning: "The operation needs a second factor, which a key or program can't give.",
    remedy: "Let a signed-in person do it.",
  },
  version_required: {
    status: 428,
    title: "Say which version you saw",
    meaning: "The call changes something that exists, and doesn't say which version of it the caller saw.",
    remedy: "Read the thing, then send its `version` in the body, or its ETag as `If-Match`.",
  },
  invalid_input: {
    status: 400,
    title: "Input not valid",
    meaning: "The input doesn't fit the operation's schema. `errors` says where and why.",
    remedy: "Correct the fields named in `errors`.",
  },
  malformed_json: {
    status: 400,
    title: "Not acceptable JSON",
    meaning:
      "The body is not JSON as RFC 8259 has it, or has duplicate keys, nul characters, more than 64 levels, or is not UTF-8.",
    remedy: "Send one JSON value in UTF-8, with each key once.",
  },
  invalid_cursor: {
    status: 400,
    title: "Cursor not valid here",
    meaning: "The cursor was not made by this list for this caller's organisation, filters and sort.",
    remedy: "Start again without a cursor.",
  },
  idempotency_key_invalid: {
    status: 400,
    title: "Idempotency-Key not valid",
    meaning: "The key is empty, longer than 255 characters, or has characters outside visible ASCII.",
    remedy: "Send a fresh UUID for each new change, and the same one for its retries.",
  },
  idempotency_key_reused: {
    status: 422,
    title: "Idempotency-Key used for another request",
    meaning: "The caller has used this key for the same operation with another input.",
    remedy: "Use a new key for a new request.",
  },
  idempotency_in_progress: {
    status: 409,
    title: "The first request with this key is still running",
    meaning: "Another request with the same key hasn't ended yet.",
    remedy: "Send the same request with the same key again after `Retry-After` seconds.",
  },
  not_found: {
    status: 404,
    title: "No such address",
    meaning: "Nothing is served at this address.",
    remedy: "Look the operation up in /openapi.json.",
  },
  method_not_allowed: {
    status: 405,
    title: "Method not allowed here",
    meaning: "The address exists, but not with this method. `Allow` lists those that it has.",
    remedy: "Use one of the methods in `Allow`.",
  },
  not_acceptable: {
    status: 406,
    title: "No such representation",
    meaning: "The operation can't answer in any of the media types that `Accept` names.",
    remedy: "Accept `application/json`, or a media type that the operation names.",
  },
  body_timeout: {
    status: 408,
    title: "Body too slow",
    meaning: "The body did not arrive within the time that the server waits for it.",
    remedy: "Send the request again, with the same Idempotency-Key.",
  },
  payload_too_large: {
    status: 413,
    title: "Body too large",
    meaning: "The body is larger than this operation takes.",
    remedy: "Send at most the number of bytes in `limitBytes`.",
  },
  unsupported_media_type: {
    status: 415,
    title: "Media type not supported",
    meaning: "The body's media type, charset or content coding is none that this operation takes.",
    remedy: "Send `Content-Type: application/json` in UTF-8, without `Content-Encoding`.",
  },
  busy: {
    status: 503,
    title: "Too busy right now",
    meaning:
      "Too many calls are in flight, what the call waits for is held by another call, or what the caller may do has changed while the call was under way.",
    remedy: "Send the same request again after `Retry-After` seconds.",
  },
  unavailable: {
    status: 503,
    title: "Something that Dais stands on is away",
    meaning:
      "The database or the session store can't be reached. Nothing was changed, or with an Idempotency-Key a retry will tell.",
    remedy: "Send the same request, with the same Idempotency-Key, again after `Retry-After` seconds.",
  },
  internal: {
    status: 500,
    title: "Our mistake",
    meaning: "Something failed that shouldn't have. It is logged under the request id.",
    remedy: "Tell the operators the `requestId`.",
  },
} as const satisfies Record<string, ProblemSpec>;
export type BaseCode = keyof typeof baseProblems;
