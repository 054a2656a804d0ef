import type { feedErrors } from "@dais/contracts/signalFeeds";

/** What is asked for, and what is known of it: nothing, or what its last answer called itself. */
export type Asked = { url: string; etag: string | null; lastModified: string | null };

/** What an address answered. */
export type Fetched =
  | { kind: "document"; bytes: Uint8Array; etag: string | null; lastModified: string | null }
  /** It is still what is known of it. */
  | { kind: "unchanged" }
  /** `retryAfterSeconds`: how long the other side wants to be left alone, if it said so. */
  | { kind: "failed"; code: (typeof feedErrors)[number]; retryAfterSeconds: number | null };

/** Asks an address outside. It never throws: whatever happens is an answer. */
export type FetchFeed = (asked: Asked) => Promise<Fetched>;
