import { readArea } from "./area.ts";
import { all, type Fields, fieldsOf, language, needed, pairs, size, text, time, uri, word, wordIn } from "./fields.ts";
import type { CapInfo, CapResource } from "./model.ts";
import { atMost, type Reading, report } from "./reading.ts";
import { type CapVersion, categories, certainties, responseTypes, severities, urgencies } from "./vocabulary.ts";
import type { Element } from "./xml.ts";

export const infoLayout = [
  ...["language", "category*", "event", "responseType*", "urgency", "severity", "certainty", "audience", "eventCode*"],
  ...["effective", "onset", "expires", "senderName", "headline", "description", "instruction", "web", "contact"],
  ...["parameter*", "resource*", "area*"],
];

/** Reads an `info`. */
export function readInfo(reading: Reading, element: Element, version: CapVersion): CapInfo {
  const fields = fieldsOf(reading, element, infoLayout);
  const one = (name: string) => text(reading, fields, name);
  const areas = all(fields, "area");
  atMost(element, areas.length, reading.limits.areas, "areas");
  const kinds = all(fields, "category").flatMap((each) => wordIn(reading, each, categories) ?? []);
  return {
    language: language(reading, fields),
    category: needed(reading, fields, "category", kinds.length > 0 ? kinds : null),
    event: needed(reading, fields, "event", one("event")),
    responseType: all(fields, "responseType").flatMap((each) => wordIn(reading, each, responseTypes) ?? []),
    urgency: needed(reading, fields, "urgency", word(reading, fields, "urgency", urgencies)),
    severity: needed(reading, fields, "severity", word(reading, fields, "severity", severities)),
    certainty: needed(reading, fields, "certainty", word(reading, fields, "certainty", certainties)),
    audience: one("audience"),
    eventCode: pairs(reading, fields, "eventCode"),
    effective: time(reading, fields, "effective"),
    onset: time(reading, fields, "onset"),
    expires: time(reading, fields, "expires"),
    senderName: one("senderName"),
    headline: one("headline"),
    description: one("description"),
    instruction: one("instruction"),
    web: uri(reading, fields, "web"),
    contact: one("contact"),
    parameter: pairs(reading, fields, "parameter"),
    resource: all(fields, "resource").map((each) => readResource(reading, each, version)),
    area: areas.map((each) => readArea(reading, each)),
  };
}

function readResource(reading: Reading, element: Element, version: CapVersion): CapResource {
  const layoutOfResource = ["resourceDesc", "mimeType", "size", "uri", "derefUri", "digest"];
  const fields = fieldsOf(reading, element, layoutOfResource);
  const one = (name: string) => text(reading, fields, name);
  return {
    resourceDesc: needed(reading, fields, "resourceDesc", one("resourceDesc")),
    mimeType: readMimeType(reading, fields, version),
    size: size(reading, fields, "size"),
    uri: uri(reading, fields, "uri"),
    derefUri: one("derefUri"),
    digest: one("digest"),
  };
}

function readMimeType(reading: Reading, fields: Fields, version: CapVersion): string {
  const said = text(reading, fields, "mimeType");
  if (said !== null || version !== "1.1") return needed(reading, fields, "mimeType", said);
  report(reading, fields.at, "mime_type_missing", "The type of the resource is not said.", "mimeType");
  return "application/octet-stream";
}
