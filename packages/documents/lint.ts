import type { Operation } from "@dais/contracts/kit/derive";
import { eventRules, uniqueEvents } from "./lint/events.ts";
import { capabilityRules, operationNames, uniqueAddresses } from "./lint/names.ts";
import { restRules } from "./lint/rest.ts";
import { exampleRules, schemaRules } from "./lint/shapes.ts";

/**
 * What in a contract some face can't say, or breaks our conventions: one sentence for each, empty when all is well.
 * It asks for what types can't: bounds, names, addresses, examples that fit.
 */
export function contractProblems(operations: ReadonlyMap<string, Operation>): string[] {
  const all = [...operations.values()];
  const capabilities = [...new Set(all.map(({ meta }) => meta.capability))];
  return [
    ...uniqueAddresses(all),
    ...uniqueEvents(capabilities),
    ...capabilities.flatMap((capability) => named(capability.name, capabilityRules(capability))),
    ...eventRules(capabilities),
    ...all.flatMap((operation) =>
      named(operation.path, [
        ...operationNames(operation),
        ...restRules(operation),
        ...schemaRules(operation),
        ...exampleRules(operation),
      ]),
    ),
  ];
}

const named = (name: string, findings: readonly string[]) => findings.map((finding) => `${name}: ${finding}`);
