import { canonicalCap, capDifferences } from "@dais/cap/canonical";
import { capDefaults, completeCap } from "@dais/cap/complete";
import type { CapAlert } from "@dais/cap/model";
import { policies } from "@dais/cap/problems";
import { readCap } from "@dais/cap/read";
import { capTime } from "@dais/cap/time";
import { writeCap } from "@dais/cap/write";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyAlert } from "./support/cap/arbitrary.ts";
import { alertXml, areaIn, infoXml, problemsOf, sample, thrown } from "./support/cap/documents.ts";
import { flawsBySchema, flawsByXmllint } from "./support/cap/schema.ts";

const files = [
  "australia.cap",
  "canada.cap",
  "canada_errors.cap",
  "earthquake.cap",
  "weather.cap",
  "nws-atom-feed.xml",
];
const one = (document: string | Uint8Array): CapAlert => readCap(document, { lenient: true }).alerts[0] as CapAlert;
const identity = { identifier: "s-1", sender: "duty@example.com", sent: "2026-11-03T08:00:00+04:00" };
const refused = (alert: CapAlert): string[] => {
  try {
    writeCap(alert);
    return [];
  } catch (error) {
    return thrown(error).map(({ code, xpath }) => `${code} ${xpath}`);
  }
};

describe("the schema of CAP 1.2, as the tests ask it", () => {
  it("knows valid from invalid", () => {
    expect(flawsBySchema(alertXml({}, infoXml()))).toEqual([]);
    expect(flawsBySchema(alertXml({ status: "Real" }))).toEqual([expect.stringContaining("status")]);
  });

  it("says the same as xmllint does, where that is installed", () => {
    const flaws = flawsByXmllint(alertXml({ status: "Real" }));
    expect([null, expect.arrayContaining([expect.stringContaining("status")])]).toContainEqual(flaws);
    expect([null, []]).toContainEqual(flawsByXmllint(alertXml({}, infoXml())));
  });
});

describe("writeCap", () => {
  it.each(files)("writes what it read of %s: valid, and saying the same", (file) => {
    const { alerts } = readCap(sample(file), { lenient: true });
    for (const alert of alerts) {
      const xml = writeCap(alert);
      expect(flawsBySchema(xml)).toEqual([]);
      expect(capDifferences(one(xml), alert)).toEqual([]);
    }
    expect([null, []]).toContainEqual(flawsByXmllint(writeCap(alerts[0] as CapAlert)));
  });

  it("loses nothing of any alert, and is valid, whatever is in it", () => {
    const property = fc.property(anyAlert, (alert) => {
      const xml = writeCap(alert);
      expect(flawsBySchema(xml)).toEqual([]);
      const { alerts, warnings } = readCap(xml);
      expect(alerts.map(canonicalCap)).toEqual([canonicalCap(alert)]);
      expect(warnings.filter(({ code }) => policies[code] !== "warn")).toEqual([]);
      expect(writeCap(alerts[0] as CapAlert)).toBe(xml);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it("writes in the order of the schema, in version 1.2 whatever came", () => {
    const xml = writeCap(one(sample("earthquake.cap")));
    expect(xml).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">\n {2}<identifier>USGS/,
    );
    expect(xml).toContain("<circle>-16.053,-173.274 0</circle>");
    expect(xml).not.toContain("<language>");
  });

  it("writes small numbers without exponents, and refuses those that nothing on the globe has", () => {
    const [area] = one(areaIn("<altitude>0</altitude>")).info[0]?.area ?? [];
    const alert = one(areaIn());
    const info = { ...alert.info[0], area: [{ ...area, areaDesc: "x", altitude: -1e-7, ceiling: 999_999_999.5 }] };
    const xml = writeCap({ ...alert, info: [info] } as CapAlert);
    expect(xml).toContain("<altitude>-0.0000001</altitude>");
    expect(xml).toContain("<ceiling>999999999.5</ceiling>");
    const beyond = { ...info, area: [{ ...info.area[0], ceiling: 1e9 }] };
    expect(refused({ ...alert, info: [beyond] } as CapAlert)).toEqual(["number_bad /alert/info[1]/area[1]/ceiling"]);
  });

  it("puts U+FFFD for what XML can't hold, and keeps all else", () => {
    const xml = writeCap({ ...one(alertXml()), note: "a\u0000b\u001bc\ud800d\uffffe \r]]> <b>&" });
    expect(xml).toContain("<note>a\ufffdb\ufffdc\ufffdd\ufffde &#13;]]&gt; &lt;b&gt;&amp;</note>");
    expect(one(xml).note).toBe("a\ufffdb\ufffdc\ufffdd\ufffde \r]]> <b>&");
  });

  it("keeps an alert without its references writable, as it came", () => {
    expect(refused(one(sample("canada_errors.cap")))).toEqual([]);
    expect(refused(one(alertXml({ identifier: "a b", scope: "Private" })))).toEqual([]);
  });

  it("refuses an alert that would not be valid", () => {
    const good = one(areaIn("<polygon>0,0 0,1 1,1 0,0</polygon>"));
    const bad = (changes: object) => refused({ ...good, ...changes });
    const inInfo = (changes: object) => bad({ info: [{ ...good.info[0], ...changes }] });
    expect(refused(good)).toEqual([]);
    expect(bad({ identifier: "" })).toEqual(["field_missing /alert/identifier"]);
    expect(bad({ sent: "2026-11-03T04:00:00.000Z" })).toEqual(["time_form /alert/sent"]);
    expect(bad({ sent: "soon" })).toEqual(["time_bad /alert/sent"]);
    expect(bad({ status: "actual" })).toEqual(["value_form /alert/status"]);
    expect(inInfo({ category: [] })).toEqual(["field_missing /alert/info[1]/category"]);
    expect(inInfo({ web: "a b" })).toEqual(["uri_bad /alert/info[1]/web"]);
    expect(inInfo({ language: "Arabic (UAE)" })).toEqual(["language_bad /alert/info[1]/language"]);
    const points = good.info[0]?.area[0]?.polygon[0]?.slice(0, 3);
    expect(inInfo({ area: [{ ...good.info[0]?.area[0], polygon: [points] }] })).toEqual([
      "polygon_open /alert/info[1]/area[1]/polygon[1]",
    ]);
  });
});

describe("readCap, strict", () => {
  it("refuses whatever the schema refuses", () => {
    const mutation = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom("drop", "twice", "rename", "empty", "words", "swap", "attribute", "nest"),
    });
    const property = fc.property(anyAlert, mutation, (alert, { at, kind }) => {
      const xml = mutated(writeCap(alert), at, kind);
      fc.pre(flawsBySchema(xml).length > 0);
      expect(problemsOf(xml)).not.toEqual([]);
    });
    fc.assert(property, { numRuns: 400 });
  });
});

describe("completeCap", () => {
  it("takes defaults for what isn't known, and tells which", () => {
    const { alert, defaults } = completeCap({
      ...identity,
      info: [
        { headline: "Sand", area: [{ geocode: [] }], resource: [{ uri: "a.png" }] },
        { event: "Sand", category: [] },
      ],
    });
    const unknown = (at: string) => ["urgency", "severity", "certainty"].map((name) => [`${at}/${name}`, "Unknown"]);
    expect(defaults.map(({ xpath, value }) => [xpath, value])).toEqual([
      ["/alert/scope", "Restricted"],
      ["/alert/status", "Actual"],
      ["/alert/msgType", "Alert"],
      ["/alert/restriction", capDefaults.restriction],
      ["/alert/info[1]/category[1]", "Other"],
      ["/alert/info[1]/event", "Sand"],
      ...unknown("/alert/info[1]"),
      ["/alert/info[1]/resource[1]/resourceDesc", "Unspecified resource"],
      ["/alert/info[1]/resource[1]/mimeType", "application/octet-stream"],
      ["/alert/info[1]/area[1]/areaDesc", "Unspecified area"],
      ["/alert/info[2]/category[1]", "Other"],
      ...unknown("/alert/info[2]"),
    ]);
    const xml = writeCap(alert);
    expect(flawsBySchema(xml)).toEqual([]);
    expect(problemsOf(xml)).toEqual([]);
  });

  it("changes nothing of a whole alert", () => {
    const property = fc.property(anyAlert, (alert) => {
      expect(completeCap(alert)).toEqual({ alert, defaults: [] });
    });
    fc.assert(property, { numRuns: 100 });
  });

  it("has nothing to stand for identifier, sender and time", () => {
    expect(() => completeCap({ identifier: "", sender: null })).toThrow(
      expect.objectContaining({
        problems: ["identifier", "sender", "sent"].map((name) =>
          expect.objectContaining({ code: "field_missing", xpath: `/alert/${name}` }),
        ),
      }),
    );
  });
});

describe("capDifferences", () => {
  it("names the fields that differ", () => {
    const alert = one(sample("canada.cap"));
    const [english, french] = alert.info;
    const other = { ...alert, note: "x", info: [{ ...english, headline: "x", category: ["Geo", "Met"] }, french] };
    expect(capDifferences(alert, other as CapAlert)).toEqual([
      "note",
      "info[1].category[1]",
      "info[1].category[2]",
      "info[1].headline",
    ]);
    expect(
      capDifferences(alert, { ...alert, version: "1.1", signatures: [{ xml: "<x/>", state: "unverified" }] }),
    ).toEqual([]);
  });
});

describe("capTime", () => {
  it("tells an instant in CAP's form", () => {
    expect(capTime(new Date("2026-11-03T04:00:00.999Z"))).toBe("2026-11-03T04:00:00-00:00");
  });
});

/** A document with one of its innermost elements changed. */
function mutated(xml: string, at: number, kind: string): string {
  const leaves = [...xml.matchAll(/<(\w+)>[^<]*<\/\1>/g)];
  const leaf = leaves[at % leaves.length] as RegExpExecArray;
  const [whole, name = ""] = leaf;
  const next = leaves[(at + 1) % leaves.length]?.[0] ?? "";
  const changed: Record<string, string> = {
    drop: "",
    twice: whole + whole,
    rename: whole.replaceAll(name, "mood"),
    empty: `<${name}/>`,
    words: `<${name}>grim 1,1</${name}>`,
    swap: next + whole,
    attribute: whole.replace(">", ' id="1">'),
    nest: `<${name}>${whole}</${name}>`,
  };
  return xml.slice(0, leaf.index) + changed[kind] + xml.slice(leaf.index + whole.length);
}
