import { contract } from "@dais/contracts";
import { generateOpenApiDocument } from "trpc-to-openapi";
import { z } from "zod";
import type { BaseDocument } from "./json.ts";

type Procedure = {
  _def: { type: string; inputs: z.ZodObject[]; meta: { openapi: { method: string; path: string } } };
};

/**
 * The document as trpc-to-openapi sees the contract: paths, parameters, bodies, answers and shared schemas. What it
 * can't know (statuses, headers, problems, repeated parameters) is put right afterwards.
 */
export function baseDocument(): BaseDocument {
  const procedures = Object.entries(contract._def.procedures as unknown as Record<string, Procedure>);
  const adapted = Object.fromEntries(procedures.map(([path, procedure]) => [path, withTextQuery(procedure)]));
  return generateOpenApiDocument({ _def: { procedures: adapted } } as never, {
    title: "Dais",
    version: "1",
    baseUrl: "/v1",
    openApiVersion: "3.1.1",
  }) as unknown as BaseDocument;
}

/**
 * trpc-to-openapi knows no subscriptions: it is shown queries in their place. It takes only scalars in a query string, though HTTP
 * repeats a parameter without trouble: it is shown text in the place of every field there, and the true schemas are put back from the
 * contract. The contract's own schemas and procedures are left as they are.
 */
function withTextQuery(procedure: Procedure): Procedure {
  const { method } = procedure._def.meta.openapi;
  if (method !== "GET" && method !== "DELETE") return procedure;
  const shape = (procedure._def.inputs[0] as z.ZodObject).shape;
  const texts = Object.keys(shape).map((name) => [name, z.string()]);
  const copy = () => undefined;
  return Object.assign(copy, procedure, {
    _def: { ...procedure._def, type: "query", inputs: [z.strictObject(Object.fromEntries(texts))] },
  });
}
