import type { AmqpMeter, AmqpWaiting } from "@dais/kernel/amqp/meter";
import type { CallbackMeter } from "@dais/kernel/couriers/callback-meter";
import type { CourierMeter, CouriersWaiting } from "@dais/kernel/couriers/meter";
import type { Unsealed } from "@dais/kernel/proof/sealing";
import type { RelayMeter, Waiting } from "@dais/kernel/relay/meter";
import type { StreamMeter } from "@dais/kernel/streams/meter";
import type { WebhookMeter, WebhooksWaiting } from "@dais/kernel/webhooks/meter";
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
  /** Absent where this process sends to no webhook. */
  webhooks?: WebhooksWaiting | undefined;
  /** Absent where this process sends no dispatches. */
  couriers?: CouriersWaiting | undefined;
  /** Absent where this process seals nothing. */
  audit?: Unsealed | undefined;
  /** Absent where there is no broker. */
  amqp?: AmqpWaiting | undefined;
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
  gauge("dais.webhooks.due", "Deliveries to webhooks that are due, replays not counted.", () => state().webhooks?.due);
  gauge(
    "dais.webhooks.lag",
    "Age of the oldest delivery that is due for a webhook that doesn't fail.",
    () => state().webhooks?.lagSeconds,
    "s",
  );
  gauge("dais.webhooks.failing", "Webhooks that fail, or that were given up.", () => state().webhooks?.failing);
  gauge("dais.dispatches.due", "Recipients of dispatches whose turn it is.", () => state().couriers?.due);
  gauge("dais.dispatches.lag", "Since when the first of them waits.", () => state().couriers?.lagSeconds, "s");
  gauge("dais.dispatches.unanswered", "Messages whose answer was lost.", () => state().couriers?.unanswered);
  gauge("dais.dispatches.told", "What vendors told and nobody has looked at.", () => state().couriers?.told);
  gauge("dais.audit.unsealed", "Audit entries under no signature yet.", () => state().audit?.entries);
  gauge("dais.audit.lag", "Age of the oldest of them.", () => state().audit?.lagSeconds, "s");
  gauge("dais.amqp.connected", "Whether there is a connection to the broker.", () => {
    const amqp = state().amqp;
    return amqp && Number(amqp.connected);
  });
  gauge("dais.amqp.blocked", "Whether the broker has told this process to wait.", () => {
    const amqp = state().amqp;
    return amqp && Number(amqp.blocked);
  });
  gauge("dais.amqp.waiting", "Events that wait to be published, up to 10 000.", () => state().amqp?.events);
  gauge("dais.amqp.lag", "Age of the oldest event that is not published.", () => state().amqp?.lagSeconds, "s");
  gauge("dais.amqp.dead_commands", "Given-up commands that nobody has decided about.", () => state().amqp?.dead);

  return {
    amqp: amqpMeter(meter),
    callbacks: callbackMeter(meter),
    events: relayMeter(meter),
    streams: streamMeter(meter),
    webhooks: webhookMeter(meter),
    couriers: courierMeter(meter),
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

/** What became of what was sent to webhooks. */
function webhookMeter(meter: Meter): WebhookMeter {
  const delay = meter.createHistogram("dais.webhooks.delivery.duration", {
    unit: "s",
    description: "From an event's coming up for a webhook to its being taken, at the first attempt.",
    advice: { explicitBucketBoundaries: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60] },
  });
  const failed = meter.createCounter("dais.webhooks.failed", {
    description: "Deliveries not taken or not made, by why.",
  });
  const gaveUp = meter.createCounter("dais.webhooks.given_up", { description: "Webhooks that were given up, by why." });
  return {
    delivered: (seconds) => delay.record(seconds),
    failed: (code) => failed.add(1, { code }),
    gaveUp: (code) => gaveUp.add(1, { code }),
  };
}

/** What became of messages, and what vendors told of them. */
function courierMeter(meter: Meter): CourierMeter {
  const delay = meter.createHistogram("dais.dispatches.handing.duration", {
    unit: "s",
    description: "How long vendors take for their answer, by channel, vendor and what came of it.",
    advice: { explicitBucketBoundaries: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20] },
  });
  const told = meter.createCounter("dais.dispatches.callbacks", {
    description: "What vendors told of their own accord, by what became of it.",
  });
  return {
    handed: ({ seconds, ...of }) => delay.record(seconds, of),
    told: (of) => told.add(1, of),
  };
}

/** What went to the broker, and what came from it. */
function amqpMeter(meter: Meter): AmqpMeter {
  const delay = meter.createHistogram("dais.amqp.publish.duration", {
    unit: "s",
    description: "From an event to the broker's confirming it.",
    advice: { explicitBucketBoundaries: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600] },
  });
  const counter = (name: string, description: string) => meter.createCounter(name, { description });
  const failed = counter("dais.amqp.failed", "Failures of the broker, or of the way to it, by code.");
  const gap = counter("dais.amqp.gaps", "Times that events were deleted before they were published.");
  const commands = counter("dais.amqp.commands", "Commands from queues, by what became of them and why.");
  const removed = counter(
    "dais.amqp.dead_commands_removed",
    "Given-up commands that were removed undecided: too many.",
  );
  return {
    published: (seconds) => delay.record(seconds),
    failed: (code) => failed.add(1, { code }),
    gap: () => gap.add(1),
    command: (outcome, code) => commands.add(1, { outcome, code }),
    removed: (count) => removed.add(count),
  };
}

/** What vendors told of messages. */
function callbackMeter(meter: Meter): CallbackMeter {
  const received = meter.createCounter("dais.callbacks.received", {
    description: "What vendors told of messages, by what was done with it.",
  });
  return { received: (vendor, outcome) => received.add(1, { vendor, outcome }) };
}

/** What became of streams. */
function streamMeter(meter: Meter): StreamMeter {
  const told = meter.createCounter("dais.streams.told", { description: "Events told on streams." });
  const ended = meter.createCounter("dais.streams.ended", { description: "Streams that are over, by why." });
  return { told: () => told.add(1), ended: (why) => ended.add(1, { why }) };
}
