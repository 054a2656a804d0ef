import type { Operation } from "@dais/contracts/kit/derive";
import type { Capability } from "@dais/contracts/kit/operation";
import { baseProblems } from "@dais/contracts/kit/problems";
import { toolName } from "../tools.ts";

/** Two operations never share a method and path, whatever their parameters are called. */
export function uniqueAddresses(operations: readonly Operation[]): string[] {
  const address = ({ meta }: Operation) => `${meta.openapi.method} ${meta.openapi.path.replace(/\{\w+\}/g, "{}")}`;
  return operations
    .filter((a, i) => operations.findIndex((b) => address(a) === address(b)) < i)
    .map((operation) => `${operation.path}: another operation has the address ${address(operation)} already`);
}

/** Permissions and problems of a capability: named after its noun, and fully described. */
export function capabilityRules(capability: Capability): string[] {
  const { name, title, about, permissions, problems } = capability;
  const nouns = nounsOf(capability);
  const findings: string[] = [];
  if (!/^[a-z][a-zA-Z]*$/.test(name)) findings.push("its name is not one camelCase noun");
  if (!title || !about.endsWith("."))
    findings.push("its title or description is missing, or the description has no full stop");
  for (const [permission, meaning] of Object.entries(permissions)) {
    if (!/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/.test(permission))
      findings.push(`permission ${permission} is not noun.verb`);
    if (!meaning.trim()) findings.push(`permission ${permission} has no description`);
  }
  for (const [code, { status, title: says, meaning, remedy }] of Object.entries(problems)) {
    if (!/^[a-z]+(_[a-z]+)+$/.test(code)) findings.push(`problem ${code} is not snake_case`);
    if (!nouns.some((noun) => code.startsWith(`${noun}_`)))
      findings.push(`problem ${code} doesn't begin with ${nouns.join(" or ")}`);
    if (code in baseProblems) findings.push(`problem ${code} is one of the standard ones`);
    if (!says.trim() || !meaning.trim() || !remedy.trim() || !status)
      findings.push(`problem ${code} is not fully described`);
    if (says.endsWith(".")) findings.push(`problem ${code} has a title that ends with a full stop`);
  }
  return findings;
}

/** What a capability's things are called. */
export function nounsOf({ name, permissions }: Capability): string[] {
  const declared = Object.keys(permissions).map((permission) => permission.split(".")[0] ?? "");
  // What everybody may call has no permission that would tell its noun: `sessions` is about a session.
  return [...new Set(declared.length > 0 ? declared : [name.replace(/s$/, "")])];
}

/** An operation's own name, tag, permission, problems and summary. */
export function operationNames({ path, meta }: Operation): string[] {
  const { capability, openapi, permission, problems } = meta;
  const findings: string[] = [];
  const verb = path.slice(capability.name.length + 1);
  if (!path.startsWith(`${capability.name}.`)) findings.push(`its capability is called ${capability.name}`);
  if (!/^[a-z][a-zA-Z0-9]*$/.test(verb)) findings.push(`${verb} is not a camelCase verb`);
  if (openapi.tags.join() !== capability.name)
    findings.push(`its tag is ${openapi.tags.join()}, not ${capability.name}`);
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(toolName(path)))
    findings.push(`its tool name ${toolName(path)} is not 1 to 64 letters, digits, _ and -`);
  if (permission !== null && !(permission in capability.permissions))
    findings.push(`its capability declares no permission ${permission}`);
  for (const code of problems)
    if (!(code in capability.problems) && !(code in baseProblems)) findings.push(`nobody declares the problem ${code}`);
  if (!openapi.summary || openapi.summary.length > 80) findings.push("its summary is not 1 to 80 characters");
  if (openapi.summary.endsWith(".")) findings.push("its summary ends with a full stop");
  return findings;
}
