import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";

export type Telemetry = ReturnType<typeof telemetry>;

/** Metrics by OpenTelemetry's names, read by Prometheus at /metrics. */
export function telemetry(state: () => { free: number; size: number; waiting: number; inFlight: number }) {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meter = new MeterProvider({ readers: [exporter] }).getMeter("dais");
  const requests = meter.createHistogram("http.server.request.duration", {
    unit: "s",
    description: "Duration of HTTP requests.",
    advice: { explicitBucketBoundaries: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  });
  const gauge = (name: string, description: string, read: () => number) =>
    meter.createObservableGauge(name, { description }).addCallback((result) => result.observe(read()));
  gauge("db.client.connection.idle", "Database connections that no call holds.", () => state().free);
  gauge("db.client.connection.max", "Database connections of this process.", () => state().size);
  gauge("db.client.connection.pending_requests", "Calls that wait for a connection.", () => state().waiting);
  gauge("dais.calls.in_flight", "Calls under way.", () => state().inFlight);

  return {
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
