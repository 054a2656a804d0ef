import type { Operation } from "@dais/contracts/kit/derive";
import type { Admission } from "@dais/kernel/authenticate";
import type { Log } from "@dais/kernel/context";
import type { Kernel } from "@dais/kernel/dispatch";
import type { Limit } from "@dais/kernel/gate";
import type { Problem } from "@dais/kernel/problem";
import type { BodyLimits } from "../body.ts";
import type { Config } from "../config.ts";
import type { Caller } from "../request.ts";

/** What the face is made of. */
export type McpParts = {
  kernel: Kernel;
  operations: ReadonlyMap<string, Operation>;
  config: Pick<Config, "ALLOWED_HOSTS" | "CORS_ORIGINS">;
  publicUrl: string;
  log: Log;
  limits?: BodyLimits;
};

/** One request, and what its answer's headers have to say. */
export type Exchange = {
  readonly caller: Caller;
  readonly admission: Admission;
  /** Of the class that was used last. */
  limit: Limit | null;
  /** Closes the connection. */
  drop(): void;
  /** Set where the credential turned out to be no longer good, or not good enough. */
  stranger: Problem | null;
};
