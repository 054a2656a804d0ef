import type { OidcClient } from "@dais/adapters/oidc";
import type { Kernel } from "@dais/kernel/dispatch";
import type { Gate } from "@dais/kernel/gate";
import type { Sealer } from "@dais/kernel/seal";
import type { Session, Sessions } from "@dais/kernel/sessions";
import type { Logger } from "pino";
import type { SignIns } from "./identity.ts";

/** What the routes of sign-in stand on. */
export type AuthParts = {
  signIns: SignIns;
  oidc: OidcClient;
  kernel: Pick<Kernel, "dispatch" | "perform" | "stranger">;
  sessions: Sessions;
  gate: Gate;
  sealer: Sealer;
  now(): Date;
  publicUrl: string;
  /** Where signing out leads on to. */
  issuerOrigin: string;
  log: Logger;
};

/** The session that a browser is in. */
export type Current = { hash: string; session: Session };
