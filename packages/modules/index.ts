import type { Modules } from "@dais/kernel/context";
import { apiKeys } from "./apiKeys/index.ts";
import { entities } from "./entities/index.ts";
import { organisations } from "./organisations/index.ts";
import { posture } from "./posture/index.ts";
import { signals } from "./signals/index.ts";

/** The work behind every operation of the contract. A missing one does not compile. */
export const modules: Modules = { apiKeys, entities, organisations, posture, signals };
