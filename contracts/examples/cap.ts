/** An alert of CAP 1.2, as short as it may be. */
export const exampleAlert = `<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>NOAA-2026-0106-1</identifier>
  <sender>w-nws.webmaster@noaa.gov</sender>
  <sent>2026-01-06T03:58:00-00:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <info>
    <category>Met</category>
    <event>Flood Watch</event>
    <urgency>Expected</urgency>
    <severity>Severe</severity>
    <certainty>Likely</certainty>
    <onset>2026-01-06T04:00:00-00:00</onset>
    <headline>Flood Watch</headline>
    <area>
      <areaDesc>South Travis County</areaDesc>
      <circle>30.19,-97.78 10</circle>
    </area>
  </info>
</alert>
`;
