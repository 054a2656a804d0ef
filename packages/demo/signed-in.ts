import { randomUUID } from "node:crypto";
import { idOf } from "@dais/contracts/kit/ids";
import type { Kernel } from "@dais/kernel/dispatch";
import type { Sessions } from "@dais/kernel/sessions";
import { demoId } from "./fixed.ts";
import { rimal } from "./organisations.ts";
import { personas } from "./personas.ts";

/** What only people do, and not their keys. */
export type SignedIn = <T>(key: string, operation: string, input: object) => Promise<T>;

/** Calls as a persona does who has just proven a second factor, in a session that lasts no longer than the call. */
export const signedIn =
  (kernel: Kernel, sessions: Sessions): SignedIn =>
  async <T>(key: string, operation: string, input: object): Promise<T> => {
    const persona = personas.find((one) => one.key === key);
    if (!persona) throw new Error(`The demo has nobody called ${key}.`);
    const now = Date.now();
    const its = { id: idOf("ses", randomUUID()), tenantId: rimal.id, personId: demoId("per", persona.person) };
    const text = await sessions.open(
      {
        ...its,
        ...{ openedAt: now, provenAt: now, endsAt: now + 60_000, address: "127.0.0.1", userAgent: null },
        ...{ issuer: "demo", issuerSid: null, subject: persona.oid },
      },
      null,
    );
    try {
      const answer = await kernel.dispatch({
        operation,
        readInput: () => input,
        credential: { scheme: "session", text },
        ...{ foreign: null, idempotencyKey: null, traceparent: null },
        ...{ requestId: `demo-${randomUUID()}`, address: "127.0.0.1" },
      });
      if (answer.problem) throw new Error(`The demo can't go on: ${operation} answered ${answer.problem.code}.`);
      return answer.output as T;
    } finally {
      await sessions.end(its);
    }
  };
