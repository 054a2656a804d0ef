import { schemaPath } from "@dais/contracts/kit/envelope";
import { asyncApiDocument } from "@dais/documents/asyncapi";
import { payloadSchema, told } from "@dais/documents/asyncapi/messages";
import { type Asset, asset } from "./asset.ts";

/** The events as AsyncAPI, with this server's own address in it. */
export const asyncApi = (url: string): Asset => asset("application/json", JSON.stringify(asyncApiDocument({ url })));

/** JSON Schema of each event's `data`, by the path that its `dataschema` names. */
export const eventSchemas = (url: string): [path: string, schema: Asset][] =>
  told().map((event) => {
    const path = schemaPath(event.name, event.version);
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: url + path,
      title: event.name,
      ...payloadSchema(event),
    };
    return [path, asset("application/schema+json", JSON.stringify(schema))];
  });
