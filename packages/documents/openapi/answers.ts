import { exampleProposal } from "@dais/contracts/examples/proposals";
import { tidy } from "../schema.ts";
import { always, type HeaderName, headerRefs, successHeaders } from "./headers.ts";
import type { BaseOperation, Media, Operation, Response, Responses, Schema } from "./json.ts";
import { ref } from "./json.ts";

/** The answers of an operation that went well, by status. */
export function successes(operation: Operation, base: BaseOperation): Responses {
  const { meta, kind } = operation;
  const schema = tidy(base.responses["200"]?.content?.["application/json"]?.schema ?? {}, "output");
  if (kind === "subscription") return { 200: stream(operation, schema) };
  const answers: Responses = { [meta.status]: success(operation, meta.status, schema) };
  if (maySayUnchanged(operation)) answers["200"] = success(operation, 200, schema);
  if (meta.agent === "propose") answers["202"] = proposal(answers["202"] as Response | undefined);
  if (kind === "query" && meta.etag) answers["304"] = ref("responses", "NotModified");
  return answers;
}

export const notModified: Response = {
  description: "The caller has it already: the ETag is still the same.",
  headers: headerRefs(["ETag", ...always]),
};

/** What would be a 201 is a 200 where the answer says that nothing new was made. */
export function maySayUnchanged({ meta, output }: Operation): boolean {
  return meta.status === 201 && "changed" in ((output as { shape?: object }).shape ?? {});
}

function success(operation: Operation, status: number, schema: Schema): Response {
  const { meta } = operation;
  const headers = headerRefs(successHeaders(operation, status));
  if (status === 204) return { description: says[204], headers };
  const json: Media = { schema };
  const examples = examplesOf(operation, status);
  if (Object.keys(examples).length > 0) json.examples = examples;
  const content: Record<string, Media> = { "application/json": json };
  for (const type of meta.download) content[type] = { schema: {} }; // the bytes themselves
  const description =
    status === 200 && meta.status === 201 ? "It was there already: nothing was changed." : says[status as 200];
  return { description, headers, content };
}

/** What an agent's call is answered with; beside what everybody else's is, where that has the same status. */
function proposal(own: Response | undefined): Response {
  const media = own?.content?.["application/json"];
  const description = `${own ? `${own.description} ` : ""}An agent's call: a proposal, which \`Location\` leads to. A person decides.`;
  const shape = ref("schemas", "Proposal");
  const value = { summary: "An agent's call", value: exampleProposal };
  return {
    description,
    headers: headerRefs(["Idempotency-Replayed", "Location", ...always].sort() as HeaderName[]),
    content: {
      "application/json": media
        ? { schema: { oneOf: [media.schema, shape] }, examples: { ...media.examples, proposal: value } }
        : { schema: shape, examples: { proposal: value } },
    },
  };
}

/** Server-sent events. OpenAPI 3.1 can't say of a stream that it has no end: the schema is that of each message's `data`. */
function stream(operation: Operation, schema: Schema): Response {
  const examples = Object.fromEntries(
    operation.meta.examples.map(({ title, output }, i) => [`example${i + 1}`, { summary: title, value: output }]),
  );
  return {
    description: "A stream of server-sent events, until either side ends it. The schema is that of the `data` of each.",
    headers: headerRefs(successHeaders(operation, 200)),
    content: { "text/event-stream": { schema, examples } },
  };
}

const says = {
  200: "Done.",
  201: "Made. `Location` says where it is.",
  202: "Accepted: it goes on in the background, or waits for a person.",
  204: "Done, and there is nothing to say.",
};

function examplesOf(operation: Operation, status: number): NonNullable<Media["examples"]> {
  const fits = (output: unknown) =>
    !maySayUnchanged(operation) || ((output as { changed: boolean }).changed === false) === (status === 200);
  const named = operation.meta.examples.map(
    ({ title, output }, i) => [`example${i + 1}`, { summary: title, value: output }, output] as const,
  );
  return Object.fromEntries(named.filter(([, , output]) => fits(output)).map(([name, example]) => [name, example]));
}
