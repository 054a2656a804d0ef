import type { RelayMeter, Waiting } from "@dais/kernel/relay/meter";
import type { StreamMeter } from "@dais/kernel/streams/meter";
import type { Meter } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";

export type Telemetry = ReturnType<typeof telemetry>;

type State = {
  free: number;
  size: number;
  waiting: number;
  inFlight: number;
  streams?: number | undefined;
  /** Absent where this process delivers no events. */
  events?: Waiting | undefined;
};

/** Metrics by OpenTelemetry's names, read by Prometheus at /metrics. */
export function telemetry(state: () => State) {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meter = new MeterProvider({ readers: [exporter] }).getMeter("dais");
  const requests = meter.createHistogram("http.server.request.duration", {
    unit: "s",
    description: "Duration of HTTP requests.",
    advice: { explicitBucketBoundaries: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  });
  const gauge = (name: string, description: string, read: () => number | undefined, unit = "") =>
    meter.createObservableGauge(name, { description, unit }).addCallback((result) => {
      const value = read();
      if (value !== undefined) result.observe(value);
    });
  gauge("db.client.connection.idle", "Database connections that no call holds.", () => state().free);
  gauge("db.client.connection.max", "Database connections of this process.", () => state().size);
  gauge("db.client.connection.pending_requests", "Calls that wait for a connection.", () => state().waiting);
  gauge("dais.calls.in_flight", "Calls under way.", () => state().inFlight);
  gauge("dais.streams.open", "Open streams of events.", () => state().streams);
  gauge("dais.events.waiting", "Events that wait to be delivered.", () => state().events?.events);
  gauge(
    "dais.events.lag",
    "Age of the oldest event that somebody has not taken.",
    () => state().events?.lagSeconds,
    "s",
  );
  gauge("dais.events.stalls", "Consumers that are behind on a resource.", () => state().events?.stalls);
  gauge("dais.events.dead_letters", "Given-up events that nobody has decided about.", () => state().events?.dead);

  return {
    events: relayMeter(meter),
    streams: streamMeter(meter),
    request(of: { method: string; route: string; status: number; seconds: number }) {
      requests.record(of.seconds, {
        "http.request.method": of.method,
        "http.route": of.route,
        "http.response.status_code": of.status,
      });
    },
    async page(): Promise<string> {
      const { PrometheusSerializer } = await import("@opentelemetry/exporter-prometheus");
      const { resourceMetrics } = await exporter.collect();
      // Without target_info: it would name the machine's paths.
      return new PrometheusSerializer(undefined, false, undefined, true).serialize(resourceMetrics);
    },
  };
}

/** What became of deliveries, by consumer. */
function relayMeter(meter: Meter): RelayMeter {
  const delay = meter.createHistogram("dais.events.delivery.duration", {
    unit: "s",
    description: "From an event to its being taken by a consumer.",
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600] },
  });
  const counter = (name: string, description: string) => meter.createCounter(name, { description });
  const failed = counter("dais.events.failed", "Deliveries that failed and will be tried again, or were the last.");
  const dead = counter("dais.events.dead", "Events that were given up for a consumer.");
  const unknown = counter("dais.events.unknown", "Meetings with events of a version that this process doesn't know.");
  return {
    delivered: (consumer, seconds) => delay.record(seconds, { consumer }),
    failed: (consumer, code) => failed.add(1, { consumer, code }),
    dead: (consumer) => dead.add(1, { consumer }),
    unknown: (event, version) => unknown.add(1, { event, version }),
  };
}

/** What became of streams. */
function streamMeter(meter: Meter): StreamMeter {
  const told = meter.createCounter("dais.streams.told", { description: "Events told on streams." });
  const ended = meter.createCounter("dais.streams.ended", { description: "Streams that are over, by why." });
  return { told: () => told.add(1), ended: (why) => ended.add(1, { why }) };
}
