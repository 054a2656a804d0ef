import { canonicalCap } from "@dais/cap/canonical";
import { readCap } from "@dais/cap/read";
import { summaryGaps } from "@dais/cap/summary";
import { describe, expect, it } from "vitest";
import { alertXml, areaIn, cap12, infoXml, problemsOf, sample, warningsOf } from "./support/cap/documents.ts";

const lenient = { lenient: true };
const feedXml = (...entries: string[]) =>
  `<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:f</id><title>All</title><updated>2026-11-03T04:00:00Z</updated>
   <link rel="self" href="https://example.com/feed"/><author><name>Duty desk</name></author>${entries.join("")}</feed>`;
const entryXml = (inside: string, id = "urn:e:1") =>
  `<entry><id>${id}</id><title>Storm</title><updated>2026-11-03T04:00:00.5Z</updated><summary>Sand.</summary>${inside}</entry>`;
const summary = `<c:event xmlns:c="${cap12}">Sandstorm</c:event>`;

describe("readCap on real files", () => {
  it.each(["australia.cap", "canada.cap", "earthquake.cap", "weather.cap"])("takes %s as it is", (file) => {
    const { alerts, feed, warnings, refused } = readCap(sample(file));
    expect({ alerts: alerts.length, feed, warnings, refused }).toEqual({
      alerts: 1,
      feed: null,
      warnings: [],
      refused: [],
    });
  });

  it("keeps all of an alert", () => {
    const [alert] = readCap(sample("canada.cap")).alerts;
    expect(alert).toMatchObject({
      version: "1.2",
      identifier: "2.49.0.1.124.6bddbc91.2012",
      sent: "2012-05-02T23:21:04-00:00",
      restriction: null,
      addresses: [],
      code: ["profile:CAP-CP:0.4", "layer:EC-MSC-SMC:1.0", "layer:SOREM:1.0"],
      references: [
        { sender: "cap@ec.gc.ca", identifier: "2.49.0.1.124.a3f342a4.2012", sent: "2012-05-02T21:45:05-00:00" },
        { sender: "cap@ec.gc.ca", identifier: "2.49.0.1.124.60f31a3a.2012", sent: "2012-05-02T21:55:21-00:00" },
      ],
      signatures: [],
    });
    expect(alert?.info.map(({ language, event }) => [language, event])).toEqual([
      ["en-CA", "thunderstorm"],
      ["fr-CA", "orages"],
    ]);
    const [english] = alert?.info ?? [];
    expect(english).toMatchObject({ category: ["Met"], responseType: ["AllClear"], urgency: "Past", contact: null });
    expect(english?.eventCode.at(-1)).toEqual({ valueName: "SAME", value: "SVA" });
    expect(english?.parameter).toHaveLength(5);
    expect(english?.area.map(({ polygon, geocode }) => [polygon[0]?.length, geocode.length])).toEqual([
      [17, 10],
      [38, 3],
    ]);
    expect(english?.area[0]?.polygon[0]?.[0]).toEqual({ latitude: 42.3481, longitude: -82.9314 });
  });

  it("keeps circles, resources, empty values and markup as text", () => {
    const [info] = readCap(sample("australia.cap")).alerts[0]?.info ?? [];
    expect(info?.area[0]?.circle).toEqual([
      { centre: { latitude: -35.3888, longitude: 147.0598 }, radiusKilometres: 25 },
    ]);
    expect(info?.resource).toEqual([
      {
        resourceDesc: "map",
        mimeType: "text/html",
        size: null,
        uri: "http://www.rfs.nsw.gov.au/dsp_content.cfm?CAT_ID=683",
        derefUri: null,
        digest: null,
      },
    ]);
    expect(info?.parameter).toContainEqual({ valueName: "AllocatedResources", value: "" });
    expect(info?.description).toContain("Not Applicable<br />LOCATION: 12 Cox Street");
  });

  it("reads CAP 1.1", () => {
    expect(readCap(sample("earthquake.cap")).alerts[0]).toMatchObject({ version: "1.1", info: [{ language: null }] });
  });

  it("refuses canada_errors.cap, and takes it with warnings where lenient", () => {
    expect(problemsOf(sample("canada_errors.cap"))).toEqual(["references_missing /alert/references"]);
    expect(warningsOf(sample("canada_errors.cap"), lenient)).toEqual(["references_missing /alert/references"]);
    expect(readCap(sample("canada_errors.cap"), lenient).alerts[0]).toMatchObject({
      msgType: "Update",
      references: [],
    });
  });
});

describe("readCap on the feed of the US Weather Service", () => {
  const { alerts, feed, warnings, refused } = readCap(sample("nws-atom-feed.xml"));

  it("takes all 163 entries", () => {
    expect([alerts.length, feed?.entries.length, warnings, refused]).toEqual([163, 163, [], []]);
    expect(new Set(alerts.map(({ identifier }) => identifier)).size).toBe(163);
    expect(feed).toMatchObject({
      id: "https://alerts.weather.gov/cap/us.php?x=0",
      updated: "2018-08-15T16:57:00-06:00",
    });
    expect(feed?.entries.every(({ kind, alerts: own }, n) => kind === "summary" && own[0] === alerts[n])).toBe(true);
  });

  it("makes an alert of each summary", () => {
    expect(alerts[0]).toMatchObject({
      version: "1.1",
      sender: "w-nws.webmaster@noaa.gov",
      sent: "2018-08-15T14:52:00-08:00",
      status: "Actual",
      msgType: "Alert",
      scope: "Public",
      info: [
        {
          category: ["Met"],
          event: "High Wind Warning",
          severity: "Severe",
          expires: "2018-08-16T07:00:00-08:00",
          headline: expect.stringMatching(/^High Wind Warning issued August 15/),
          description: expect.stringMatching(/^\.\.\.HIGH WIND WARNING/),
          area: [{ areaDesc: "Eastern Beaufort Sea Coast", polygon: [] }],
        },
      ],
    });
    expect(alerts.flatMap(({ info }) => info[0]?.area[0]?.polygon ?? [])).toHaveLength(99);
  });

  it("tells apart the codes that the feed writes into one value", () => {
    const codes = alerts.flatMap(({ info }) => info[0]?.area[0]?.geocode ?? []);
    expect(codes).toContainEqual({ valueName: "UGC", value: "IAZ017" });
    expect(codes.filter(({ value }) => /\s/.test(value))).toEqual([]);
  });

  it("lists what the summaries lack", () => {
    const gaps = feed ? summaryGaps(feed) : [];
    expect(gaps.map(({ field, lacking, of }) => `${field} ${lacking}/${of}`)).toEqual([
      ...[
        "identifier",
        "sender",
        "sent",
        "source",
        "scope",
        "restriction",
        "addresses",
        "code",
        "note",
        "references",
      ].map(all),
      ...["incidents", "language", "responseType", "audience", "eventCode", "onset", "senderName", "headline"].map(all),
      ...["description", "instruction", "web", "contact", "resource"].map(all),
      "polygon 64/163",
      ...["circle", "altitude", "ceiling"].map(all),
    ]);
    const stoodFor = gaps.filter(({ standIn }) => standIn).map(({ field }) => field);
    expect(stoodFor).toEqual(["identifier", "sender", "sent", "scope", "headline", "description"]);
  });
});
const all = (field: string) => `${field} 163/163`;

describe("readCap on several alerts", () => {
  it("finds them in any wrapper", () => {
    const two = `<a:list xmlns:a="urn:a"><a:item>${alertXml()}</a:item>${alertXml({ identifier: "siren-2" })}</a:list>`;
    expect(readCap(two).alerts.map(({ identifier }) => identifier)).toEqual(["siren-1", "siren-2"]);
  });

  it("names the one that is wrong, and leaves it out where lenient", () => {
    const wrong = alertXml({ identifier: null, sent: "2026-11-03T08:00:00Z" });
    const document = `<list>${alertXml()}${wrong}</list>`;
    expect(problemsOf(document)).toEqual(["field_missing /list/alert[2]/identifier", "time_form /list/alert[2]/sent"]);
    const { alerts, refused } = readCap(document, lenient);
    expect(alerts).toHaveLength(1);
    expect(refused).toMatchObject([{ code: "field_missing", xpath: "/list/alert[2]/identifier" }]);
    expect(problemsOf(`<list>${wrong}${wrong}</list>`, lenient)).toHaveLength(2);
  });

  it("refuses a document without any", () => {
    expect(problemsOf("<html><body>Not found</body></html>")).toEqual(["no_alert /html"]);
    expect(problemsOf('<alert xmlns="urn:other"/>')).toEqual(["no_alert /alert"]);
  });
});

describe("readCap on Atom feeds", () => {
  it("takes whole alerts out of entries", () => {
    const entry = entryXml(`<content type="application/cap+xml">${alertXml({}, infoXml())}</content>`);
    const { alerts, feed } = readCap(feedXml(entry));
    expect(alerts).toMatchObject([{ identifier: "siren-1", info: [{ event: "Sandstorm" }] }]);
    expect(feed).toMatchObject({
      title: "All",
      links: [{ rel: "self", href: "https://example.com/feed", type: null }],
      entries: [{ id: "urn:e:1", kind: "alert", lacks: [] }],
    });
    expect(feed?.entries[0]?.alerts[0]).toBe(alerts[0]);
  });

  it("lets the entry stand for what a summary doesn't tell", () => {
    const { alerts } = readCap(feedXml(entryXml(summary, "tag:x, 1 &amp; 2")));
    expect(alerts).toMatchObject([
      {
        identifier: "tag:x%2C%201%20%26%202",
        sender: "Duty%20desk",
        sent: "2026-11-03T04:00:00-00:00",
        status: "Actual",
        scope: "Public",
        info: [{ category: ["Other"], severity: "Unknown", headline: "Storm", description: "Sand.", area: [] }],
      },
    ]);
  });

  it("prefers what a summary tells itself", () => {
    const told = `<c:identifier xmlns:c="${cap12}">id-1</c:identifier><c:sent xmlns:c="${cap12}">2026-01-01T00:00:00+04:00</c:sent>`;
    const { alerts, feed } = readCap(feedXml(entryXml(`${summary}${told}`)));
    expect(alerts).toMatchObject([{ identifier: "id-1", sent: "2026-01-01T00:00:00+04:00" }]);
    expect(feed?.entries[0]?.lacks).not.toContain("identifier");
  });

  it("keeps entries that only link to an alert", () => {
    const { alerts, feed, warnings } = readCap(
      feedXml(entryXml('<link href="https://example.com/1.cap" type="application/cap+xml"/>')),
    );
    expect(alerts).toEqual([]);
    expect(feed?.entries).toMatchObject([
      { kind: "link", links: [{ rel: "alternate", href: "https://example.com/1.cap", type: "application/cap+xml" }] },
    ]);
    expect(warnings).toMatchObject([{ code: "entry_without_alert", xpath: "/feed/entry[1]" }]);
  });

  it("names the entry that is wrong, and takes the others where lenient", () => {
    const wrong = `<entry>${summary}</entry>`;
    const bad = entryXml(`${summary}<c:severity xmlns:c="${cap12}">Awful</c:severity>`);
    const document = feedXml(wrong, entryXml(summary), bad);
    expect(problemsOf(document)).toEqual([
      "field_missing /feed/entry[1]/identifier",
      "field_missing /feed/entry[1]/sent",
      "value_unknown /feed/entry[3]/severity",
    ]);
    const { alerts, feed, refused } = readCap(document, lenient);
    expect(alerts).toHaveLength(1);
    expect(feed?.entries.map((each) => each.alerts.length)).toEqual([0, 1, 0]);
    expect(refused).toHaveLength(3);
  });

  it("takes an empty feed", () => {
    expect(readCap(feedXml())).toMatchObject({ alerts: [], feed: { entries: [] } });
  });
});

describe("readCap, mandatory fields", () => {
  it("names each that is missing, all at once", () => {
    const nothing = `<alert xmlns="${cap12}"><info/><info><resource/><area><geocode/></area></info></alert>`;
    const ofInfo = ["category", "event", "urgency", "severity", "certainty"];
    expect(problemsOf(nothing)).toEqual([
      ...["identifier", "sender", "sent", "status", "msgType", "scope"].map((name) => `field_missing /alert/${name}`),
      ...ofInfo.map((name) => `field_missing /alert/info[1]/${name}`),
      ...ofInfo.map((name) => `field_missing /alert/info[2]/${name}`),
      "field_missing /alert/info[2]/resource[1]/resourceDesc",
      "field_missing /alert/info[2]/resource[1]/mimeType",
      "field_missing /alert/info[2]/area[1]/areaDesc",
      "field_missing /alert/info[2]/area[1]/geocode[1]/valueName",
      "field_missing /alert/info[2]/area[1]/geocode[1]/value",
    ]);
    expect(problemsOf(nothing, lenient)).toHaveLength(21);
  });

  it("takes an empty one for missing, and an empty optional one for absent", () => {
    expect(problemsOf(alertXml({ identifier: " ", note: "" }))).toEqual(["field_missing /alert/identifier"]);
    expect(problemsOf(alertXml({ sent: "" }))).toEqual(["value_empty /alert/sent", "field_missing /alert/sent"]);
    expect(warningsOf(alertXml({}, infoXml({ onset: "" })), lenient)).toEqual(["value_empty /alert/info[1]/onset"]);
  });

  it("asks for what another field asks for", () => {
    expect(problemsOf(alertXml({ scope: "Private" }))).toEqual(["addresses_missing /alert/addresses"]);
    expect(problemsOf(alertXml({ scope: "Restricted" }))).toEqual(["restriction_missing /alert/restriction"]);
    expect(problemsOf(alertXml({ msgType: "Cancel" }))).toEqual(["references_missing /alert/references"]);
    expect(problemsOf(areaIn("<ceiling>10</ceiling>"))).toEqual([
      "ceiling_without_altitude /alert/info[1]/area[1]/altitude",
    ]);
  });

  it("wants a resource's type, which CAP 1.1 doesn't", () => {
    const resource = infoXml({}, "<resource><resourceDesc>map</resourceDesc></resource>");
    const at = "/alert/info[1]/resource[1]/mimeType";
    expect(problemsOf(alertXml({}, resource))).toEqual([`field_missing ${at}`]);
    const older = alertXml({}, resource).replace("cap:1.2", "cap:1.1");
    expect(warningsOf(older)).toEqual([`mime_type_missing ${at}`]);
    expect(readCap(older).alerts[0]?.info[0]?.resource[0]?.mimeType).toBe("application/octet-stream");
  });
});

describe("readCap, values", () => {
  it("refuses a word that CAP doesn't have", () => {
    const document = alertXml({ status: "Real" }, infoXml(), infoXml({ severity: "10" }));
    expect(problemsOf(document, lenient)).toEqual([
      "value_unknown /alert/status",
      "value_unknown /alert/info[2]/severity",
    ]);
  });

  it("takes a word in another form where lenient", () => {
    const document = alertXml({ status: " actual " }, infoXml({ certainty: "Very Likely" }));
    const told = ["value_form /alert/status", "value_form /alert/info[1]/certainty"];
    expect(problemsOf(document)).toEqual(told);
    expect(warningsOf(document, lenient)).toEqual(told);
    expect(readCap(document, lenient).alerts[0]).toMatchObject({ status: "Actual", info: [{ certainty: "Likely" }] });
  });

  it.each(["2026-11-03T08:00:00", "2026-11-03T08:00:00.5"])("never guesses the zone of %s", (time) => {
    expect(problemsOf(alertXml({ sent: time }), lenient)).toEqual(["time_without_zone /alert/sent"]);
    const inInfo = alertXml({}, infoXml({ effective: time, onset: time, expires: time }));
    expect(problemsOf(inInfo, lenient)).toEqual(
      ["effective", "onset", "expires"].map((name) => `time_without_zone /alert/info[1]/${name}`),
    );
  });

  it.each([
    ...["today", "2026-02-30T08:00:00+04:00", "2026-11-03 08:00:00+04:00", "2026-11-03T24:00:00+04:00"],
    ...[
      "2026-11-03T08:00:60+04:00",
      "2026-11-03T08:00:00+14:01",
      "2026-11-03T08:00:00,05:00",
      "0000-01-01T00:00:00-00:00",
    ],
  ])("refuses the time %s", (time) => {
    expect(problemsOf(alertXml({ sent: time }), lenient)).toEqual(["time_bad /alert/sent"]);
  });

  it("takes Z and fractions of a second where lenient", () => {
    const document = alertXml({ sent: "2026-11-03T08:00:00.25Z" });
    expect(problemsOf(document)).toEqual(["time_form /alert/sent"]);
    expect(readCap(document, lenient).alerts[0]?.sent).toBe("2026-11-03T08:00:00-00:00");
  });

  it("tells references that it can't read, and leaves them out where lenient", () => {
    const good = "a@example.com,x-1,2026-11-03T08:00:00+04:00";
    const references = `${good} x-2 a,b,c a,,2026-11-03T08:00:00+04:00 a,b,2026-11-03T08:00:00+04:00,c`;
    const told = Array(4).fill("references_bad /alert/references");
    expect(problemsOf(alertXml({ references }))).toEqual(told);
    expect(readCap(alertXml({ references }), lenient).alerts[0]?.references).toEqual([
      { sender: "a@example.com", identifier: "x-1", sent: "2026-11-03T08:00:00+04:00" },
    ]);
    expect(warningsOf(alertXml({ msgType: "Update", references: "x-2" }), lenient)).toEqual([
      "references_bad /alert/references",
      "references_missing /alert/references",
    ]);
  });

  it("keeps items of several words together", () => {
    const { alerts } = readCap(alertXml({ addresses: '"duty officer" ops@example.com', incidents: " flood  \n'92 " }));
    expect(alerts[0]).toMatchObject({ addresses: ["duty officer", "ops@example.com"], incidents: ["flood", "'92"] });
  });

  it("tells a sender and an identifier that can't be referred to", () => {
    const document = alertXml({ identifier: "a b", sender: "x,y" });
    expect(problemsOf(document)).toEqual(["identifier_form /alert/identifier", "identifier_form /alert/sender"]);
    expect(readCap(document, lenient).alerts[0]).toMatchObject({ identifier: "a b", sender: "x,y" });
  });

  it("takes links and languages of another form where lenient", () => {
    const document = alertXml({}, infoXml({ web: "http://a b/<![CDATA[|]]>" })).replace(
      "<category>",
      "<language>Arabic (UAE)</language>$&",
    );
    const told = ["language_bad /alert/info[1]/language", "uri_bad /alert/info[1]/web"];
    expect(problemsOf(document)).toEqual(told);
    expect(readCap(document, lenient).alerts[0]?.info[0]).toMatchObject({ language: null, web: "http://a%20b/%7C" });
  });

  it("refuses numbers that are none", () => {
    const resource =
      "<resource><resourceDesc>map</resourceDesc><mimeType>image/png</mimeType><size>1e3</size></resource>";
    expect(problemsOf(alertXml({}, infoXml({}, resource)), lenient)).toEqual([
      "number_bad /alert/info[1]/resource[1]/size",
    ]);
    expect(problemsOf(areaIn("<altitude>high</altitude>"), lenient)).toEqual([
      "number_bad /alert/info[1]/area[1]/altitude",
    ]);
  });
});

describe("readCap, elements", () => {
  it("wants the schema's order, and takes another where lenient", () => {
    const document = alertXml({ source: "after the scope" });
    expect(problemsOf(document)).toEqual(["element_order /alert"]);
    expect(readCap(document, lenient).alerts[0]?.source).toBe("after the scope");
  });

  it("refuses a field that is there twice", () => {
    const twice = alertXml().replace("<scope>", "<status>Test</status><scope>");
    expect(problemsOf(twice, lenient)).toContain("field_repeated /alert/status[2]");
  });

  it("tells what doesn't belong into an alert, and leaves it out where lenient", () => {
    const document = alertXml(
      {},
      "stray",
      infoXml({}, '<x:note xmlns:x="urn:x">!</x:note>', "<mood>grim</mood>"),
    ).replace("<event>", '<event id="1">');
    const told = [
      "text_stray /alert",
      "element_unknown /alert/info[1]/note",
      "element_unknown /alert/info[1]/mood",
      "attribute_unknown /alert/info[1]/event",
    ];
    expect(problemsOf(document)).toEqual(told);
    expect(warningsOf(document, lenient)).toEqual(told);
  });

  it("takes an alert without a namespace where lenient, and none of another version", () => {
    const bare = alertXml().replace(` xmlns="${cap12}"`, "");
    expect(problemsOf(bare)).toEqual(["namespace_missing /alert"]);
    expect(readCap(bare, lenient).alerts[0]?.version).toBe("1.2");
    const oldest = alertXml().replace(cap12, "http://www.incident.com/cap/1.0");
    expect(problemsOf(oldest, lenient)).toEqual(["namespace_unsupported /alert"]);
  });

  it("reads comments and CDATA as XML means them", () => {
    const document = alertXml({}, infoXml({ event: "Sand<!-- no -->storm <![CDATA[<b>&amp;</b>]]>" }));
    expect(readCap(document).alerts[0]?.info[0]?.event).toBe("Sandstorm <b>&amp;</b>");
  });
});

describe("readCap, places", () => {
  const at = "/alert/info[1]/area[1]/polygon[1]";
  const polygon = (points: string) => areaIn(`<polygon>${points}</polygon>`);
  const pointsOf = (document: string, options = {}) =>
    readCap(document, options).alerts[0]?.info[0]?.area[0]?.polygon[0];

  it.each([
    ["with three points", "0,0 0,1 0,0", "polygon_short"],
    ["of words", "north,east 0,1 1,1 0,0", "polygon_bad"],
    ["with a comma too many", "0,0, 0,1 1,1 0,0", "polygon_bad"],
    ["beyond a pole", "0,0 91,1 1,1 0,0", "coordinate_range"],
    ["twice around the globe", "0,0 0,361 1,1 0,0", "coordinate_range"],
  ])("refuses a polygon %s", (_, points, code) => {
    expect(problemsOf(polygon(points), lenient)).toEqual([`${code} ${at}`]);
  });

  it("closes an open polygon where lenient", () => {
    expect(problemsOf(polygon("0,0 0,1 1,1"))).toEqual([`polygon_open ${at}`]);
    expect(warningsOf(polygon("0,0 0,1 1,1"), lenient)).toEqual([`polygon_open ${at}`]);
    expect(pointsOf(polygon("0,0 0,1 1,1"), lenient)?.at(-1)).toEqual({ latitude: 0, longitude: 0 });
    expect(problemsOf(polygon("0,0 0,1"), lenient)).toEqual([`polygon_short ${at}`]);
  });

  it("keeps a polygon that crosses itself, and says so", () => {
    expect(warningsOf(polygon("0,0 1,1 0,1 1,0 0,0"))).toEqual([`polygon_crosses_itself ${at}`]);
    expect(pointsOf(polygon("0,0 1,1 0,1 1,0 0,0"))).toHaveLength(5);
  });

  it("keeps a polygon that crosses the date line as it was sent, and says so", () => {
    const fiji = "-20,177 -15,177 -15,-178 -20,-178 -20,177";
    expect(warningsOf(polygon(fiji))).toEqual([`polygon_crosses_date_line ${at}`]);
    expect(pointsOf(polygon(fiji))?.[2]).toEqual({ latitude: -15, longitude: -178 });
  });

  it("keeps a polygon around a pole, and says so", () => {
    expect(warningsOf(polygon("70,0 70,90 70,180 70,-90 70,0"))).toEqual([`polygon_around_pole ${at}`]);
  });

  it("turns back longitudes beyond 180 where lenient", () => {
    const fiji = polygon("-20,177 -15,177 -15,182 -20,182 -20,177");
    expect(problemsOf(fiji)[0]).toBe(`longitude_wrapped ${at}`);
    expect(pointsOf(fiji, lenient)?.[2]).toEqual({ latitude: -15, longitude: -178 });
  });

  it.each(["0,0", "0,0 -1", "0,0 1 1", "0 0 1", "0,0 far", "91,0 1"])("refuses the circle %s", (circle) => {
    const problems = problemsOf(areaIn(`<circle>${circle}</circle>`), lenient);
    expect(problems).toContain("circle_bad /alert/info[1]/area[1]/circle[1]");
  });

  it("counts an empty polygon or circle as absent", () => {
    const { alerts } = readCap(areaIn("<polygon/><polygon> </polygon><circle/>"));
    expect(alerts[0]?.info[0]?.area[0]).toMatchObject({ polygon: [], circle: [] });
  });
});

describe("canonicalCap", () => {
  it("is the same for other ways to say the same, and for nothing else", () => {
    const [one] = readCap(alertXml({ sent: "2026-11-03T08:00:00+04:00" }, infoXml({ event: " Sand " }))).alerts;
    const other = alertXml({ sent: "2026-11-03T04:00:00-00:00" }, infoXml({ event: "Sand" }))
      .replace("<category>", "<language>EN-us</language><category>")
      .replace("cap:1.2", "cap:1.1");
    const [same] = readCap(other).alerts;
    const [different] = readCap(other.replace("Sand", "sand")).alerts;
    expect(one && same && different).toBeTruthy();
    if (!one || !same || !different) return;
    expect(canonicalCap(one)).toEqual(canonicalCap(same));
    expect(canonicalCap(one)).not.toEqual(canonicalCap(different));
  });
});
