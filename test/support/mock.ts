import { readConfig } from "@dais/api/config";
import { logger } from "@dais/api/log";
import { mockServer } from "@dais/api/mock";
import { operations } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import { expect, onTestFinished, vi } from "vitest";
import { afterFile } from "./ending.ts";
import { faces, overRpc, type Said } from "./faces/speak.ts";

// biome-ignore lint/suspicious/noExplicitAny: what it is, the expectations say.
export type Json = Record<string, any>;
type Api = NonNullable<Parameters<typeof mockServer>[0]["api"]>;

/** The mock's clock, which stands still. */
export const now = new Date("2026-01-06T05:30:00.000Z");

/** A mock on a free port, stopped after the file. */
export async function mock({ seed = "one", api }: { seed?: string; api?: Api } = {}): Promise<string> {
  const config = readConfig({ PORT: "0" });
  const { url, stop } = await mockServer({ api, config, seed, now, log: logger("silent") });
  afterFile(stop);
  return url;
}

/** Every operation with the input of its first example. */
export const exampled = [...operations.values()].map(
  (operation) => [operation.path, operation, operation.meta.examples[0]?.input ?? {}] as const,
);

const request = (operation: Operation, input: Json, key: string | null) => {
  return { operation, input, key, idempotencyKey: null, ifMatch: false };
};

/** What an operation says on each face that it has, by the face's name. */
export async function heard(url: string, operation: Operation, input: Json, key: string | null = "demo") {
  const own = Object.entries(faces).filter(([name]) => name !== "mcp" || operation.meta.mcp);
  return Promise.all(
    own.map(async ([name, face]) => [name, (await face(url, request(operation, input, key))) as Said] as const),
  );
}

/** Calls by RPC path: the output, which fits its schema; whatever else is said fails the test. */
export function caller(url: string, of: ReadonlyMap<string, Operation> = operations) {
  return async (path: string, input: Json): Promise<Json> => {
    const operation = of.get(path) as Operation;
    const said = (await overRpc(url, request(operation, input, "demo"))) as Json;
    return operation.output.parse(said.output ?? expect.fail(`${path}: ${JSON.stringify(said)}`)) as Json;
  };
}

/** Sends `Prefer` with every request until the end of the test, or until the next. */
export function prefer(text: string): void {
  vi.unstubAllGlobals();
  const plain = fetch;
  vi.stubGlobal("fetch", (to: string, init?: RequestInit) =>
    plain(to, { ...init, headers: { ...(init?.headers as object), prefer: text } }),
  );
  onTestFinished(() => void vi.unstubAllGlobals());
}

export const problem = (said: Said): Json => ("problem" in said ? said.problem : expect.fail(JSON.stringify(said)));
