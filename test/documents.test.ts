import { readFileSync } from "node:fs";
import { join } from "node:path";
import { operations, problems } from "@dais/contracts";
import { problemsOf } from "@dais/contracts/kit/possible";
import type { ProblemSpec } from "@dais/contracts/kit/problems";
import { generatedFiles } from "@dais/documents/files";
import { contractProblems } from "@dais/documents/lint";
import { openApiDocument } from "@dais/documents/openapi";
import { toolName, tools } from "@dais/documents/tools";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { z } from "zod";

// biome-ignore lint/suspicious/noExplicitAny: read as a client would, by path.
const document = openApiDocument() as any;
const all = [...operations.values()];
/** Made once: each takes a while. */
const [generated, described] = [generatedFiles(), tools()];
const specs: Readonly<Record<string, ProblemSpec>> = problems;
// biome-ignore lint/suspicious/noExplicitAny: as above.
const shown = (path: string): any => {
  const { openapi } = operations.get(path)?.meta ?? expect.fail(`no operation ${path}`);
  return document.paths[openapi.path][openapi.method.toLowerCase()];
};
// biome-ignore lint/suspicious/noExplicitAny: as above.
const at = (ref: { $ref: string }): any =>
  ref.$ref
    .slice(2)
    .split("/")
    .reduce((value, key) => value[key], document);

test("the contract keeps its own conventions", () => expect(contractProblems(operations)).toEqual([]));

describe("generated files", () => {
  test.each(Object.keys(generated))("%s is fresh", (path) => {
    const committed = readFileSync(join(import.meta.dirname, "..", path), "utf8");
    expect(committed === generated[path], "run `npm run generate` and commit it").toBe(true);
  });

  test.each(all.map(({ path }) => path))("%s is in every one that is about it", (path) => {
    const files = generated;
    const { mcp } = operations.get(path)?.meta ?? {};
    expect(shown(path).operationId).toBe(path);
    expect(files["contracts/operations.txt"]?.split("\n").filter((line) => line.startsWith(`${path} `))).toHaveLength(
      1,
    );
    expect(described.filter(({ name }) => name === toolName(path))).toHaveLength(mcp ? 1 : 0);
  });

  test("docs/errors.md has every code", () => {
    const page = generated["docs/errors.md"];
    expect(Object.keys(problems).filter((code) => !page?.includes(`### \`${code}\``))).toEqual([]);
  });
});

describe("openapi.json", () => {
  test("is valid OpenAPI 3.1", async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  test("refers to nothing that isn't there, and shares nothing that isn't used", () => {
    const text = JSON.stringify(document);
    const refs = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref as string));
    for (const ref of refs) expect(at({ $ref: ref }), ref).toBeDefined();
    const shared = Object.entries(document.components).filter(([section]) => section !== "securitySchemes");
    const unused = shared.flatMap(([section, pieces]) =>
      Object.keys(pieces as object).filter((name) => !refs.has(`#/components/${section}/${name}`)),
    );
    expect(unused).toEqual([]);
  });

  test.each(all)("$path lists exactly the problems that it may answer with", (operation) => {
    const { responses } = shown(operation.path);
    const listed = Object.entries<{ $ref?: string }>(responses).flatMap(([status, response]) => {
      const content = response.$ref
        ? at(response as { $ref: string }).content?.["application/problem+json"]
        : undefined;
      const codes: string[] = content?.schema.allOf[1].properties.code.enum ?? [];
      for (const code of codes) expect(specs[code]?.status, code).toBe(Number(status));
      return codes;
    });
    expect(listed.toSorted()).toEqual(problemsOf(operation).toSorted());
  });

  test.each(all)(
    "$path has its success status, a 200 beside 201 where nothing may be new, and a 202 where an agent may only propose",
    ({ path, meta, output }) => {
      const statuses = Object.keys(shown(path).responses).filter((status) => status < "300");
      const unchanged = meta.status === 201 && "changed" in (output as z.ZodObject).shape;
      const proposed = meta.agent === "propose" ? ["202"] : [];
      const own = unchanged ? ["200", "201"] : [String(meta.status)];
      expect(statuses).toEqual([...new Set([...own, ...proposed])]);
    },
  );

  test("a filter of several values is a repeated parameter", () => {
    const state = shown("signals.list").parameters.find((p: { name?: string }) => p.name === "state");
    expect(state).toMatchObject({ in: "query", required: false, style: "form", explode: true });
    expect(state.schema).toMatchObject({
      type: "array",
      maxItems: 7,
      items: { enum: expect.arrayContaining(["new"]) },
    });
  });

  test("a version may come in the body or as If-Match, so the body doesn't need it", () => {
    const { parameters, requestBody } = shown("signals.dismiss");
    expect(requestBody.content["application/json"].schema.required).toEqual(["reason"]);
    expect(parameters).toContainEqual({ $ref: "#/components/parameters/IfMatch" });
    expect(shown("signals.acknowledge").requestBody.required).toBe(false);
  });

  test("a read with an ETag takes If-None-Match and may answer 304", () => {
    const { parameters, responses } = shown("signals.get");
    expect(parameters).toContainEqual({ $ref: "#/components/parameters/IfNoneMatch" });
    expect(responses["200"].headers.ETag).toBeDefined();
    expect(at(responses["304"]).headers.ETag).toBeDefined();
  });

  test("a command takes an Idempotency-Key, and what it makes has a Location", () => {
    const { parameters, responses } = shown("signals.ingest");
    expect(parameters).toContainEqual({ $ref: "#/components/parameters/IdempotencyKey" });
    expect(Object.keys(responses["201"].headers)).toEqual(expect.arrayContaining(["Location", "Idempotency-Replayed"]));
    expect(responses["200"].headers.Location).toBeUndefined();
  });

  test("inputs are strict, and outputs open to fields that come later", () => {
    expect(document.components.schemas.SignalInput.additionalProperties).toBe(false);
    expect(document.components.schemas.Signal.additionalProperties).toBeUndefined();
    expect(JSON.stringify(shown("organisations.get").responses["200"])).not.toContain("additionalProperties");
  });

  test("a secret is shown as one", () => {
    expect(document.components.schemas.NewApiKey.properties.secret).toMatchObject({
      format: "password",
      readOnly: true,
    });
  });

  test("with an origin its addresses are absolute", () => {
    const text = JSON.stringify(openApiDocument({ url: "https://dais.example" }));
    expect(text).toContain('"url":"https://dais.example/v1"');
    expect(text).toContain('"type":"https://dais.example/problems/forbidden"');
  });

  test("making it leaves the contract's schemas alone", () => {
    const { input } = operations.get("signals.list") ?? expect.fail();
    openApiDocument();
    expect(input.safeParse({ limit: "5" }).success).toBe(false);
    expect(input.safeParse({ state: ["new"] }).success).toBe(true);
  });
});

describe("tools.json", () => {
  test.each(described)(
    "$name: a name that model APIs take, and schemas in one piece",
    ({ name, inputSchema, outputSchema }) => {
      expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      for (const schema of [inputSchema, outputSchema]) {
        expect(schema.type).toBe("object");
        expect(JSON.stringify(schema)).not.toContain("$ref");
        expect(() => z.fromJSONSchema(schema as never)).not.toThrow();
      }
      expect(inputSchema.additionalProperties).toBe(false);
      expect(JSON.stringify(outputSchema)).not.toContain('"additionalProperties":false');
    },
  );

  test("hints say what reads, what changes a thing, and what may be repeated", () => {
    const hints = (name: string) => described.find((tool) => tool.name === name)?.annotations;
    expect(hints("signals_list")).toMatchObject({ readOnlyHint: true, destructiveHint: false, idempotentHint: true });
    expect(hints("signals_ingest")).toMatchObject({
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: false,
    });
    expect(hints("signals_dismiss")).toMatchObject({
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: true,
    });
  });

  test("a description says what an agent may do, and the problems that a model can act on", () => {
    const { description } = described.find(({ name }) => name === "signals_acknowledge") ?? expect.fail();
    expect(description).toContain("a person decides");
    expect(description).toContain("signal_wrong_state: ");
    expect(description).not.toContain("malformed_json");
  });
});
