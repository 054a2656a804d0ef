CREATE TABLE "dead_letters" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"consumer" text NOT NULL,
	"seq" bigint NOT NULL,
	"event_id" uuid NOT NULL,
	"event_name" text NOT NULL,
	"resource_type" text NOT NULL,
	"resource_id" uuid NOT NULL,
	"entity_id" uuid,
	"classification" text,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"request_id" text NOT NULL,
	"error_code" text NOT NULL,
	"attempts" integer NOT NULL,
	"failed_at" timestamp (3) with time zone NOT NULL,
	"retried_at" timestamp (3) with time zone,
	"dropped_at" timestamp (3) with time zone,
	"delivered_at" timestamp (3) with time zone,
	CONSTRAINT "dead_letters_once" UNIQUE("consumer","event_id")
);
--> statement-breakpoint
CREATE TABLE "stalls" (
	"tenant_id" uuid NOT NULL,
	"resource_id" uuid NOT NULL,
	"consumer" text NOT NULL,
	"from_seq" bigint NOT NULL,
	"attempts" integer NOT NULL,
	"retry_at" timestamp (3) with time zone NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"error_code" text,
	CONSTRAINT "stalls_key" PRIMARY KEY("resource_id","consumer")
);
--> statement-breakpoint
CREATE TABLE "outbox_pruned" (
	"one" boolean PRIMARY KEY NOT NULL,
	"xid" "xid8" NOT NULL,
	CONSTRAINT "outbox_pruned_one" CHECK ("outbox_pruned"."one")
);
--> statement-breakpoint
DROP INDEX "outbox_waiting";--> statement-breakpoint
CREATE INDEX "dead_letters_newest" ON "dead_letters" USING btree ("tenant_id","failed_at","id");--> statement-breakpoint
CREATE INDEX "dead_letters_open" ON "dead_letters" USING btree ("seq") WHERE "dead_letters"."dropped_at" is null and "dead_letters"."delivered_at" is null;--> statement-breakpoint
CREATE INDEX "dead_letters_retried" ON "dead_letters" USING btree ("resource_id") WHERE "dead_letters"."retried_at" is not null and "dead_letters"."dropped_at" is null and "dead_letters"."delivered_at" is null;--> statement-breakpoint
CREATE INDEX "stalls_due" ON "stalls" USING btree ("retry_at");--> statement-breakpoint
CREATE INDEX "stalls_tenant" ON "stalls" USING btree ("tenant_id");--> statement-breakpoint
CREATE INDEX "outbox_committed" ON "outbox" USING btree ("tenant_id","xid");--> statement-breakpoint
CREATE INDEX "outbox_resource" ON "outbox" USING btree ("resource_id","seq");--> statement-breakpoint
CREATE INDEX "outbox_waiting" ON "outbox" USING btree ("tenant_id","seq") WHERE "outbox"."published_at" is null;
--> statement-breakpoint
-- The wall. A tenant sees what is late and what has failed, and decides about the latter; only the relay writes them down.
do $$
declare t text;
begin
  foreach t in array array['stalls', 'dead_letters'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to dais_app using (tenant_id = current_setting(''dais.tenant'')::uuid) with check (tenant_id = current_setting(''dais.tenant'')::uuid)', t);
    execute format('create policy relay on %I to dais_system using (true) with check (true)', t);
  end loop;
end $$;
--> statement-breakpoint
grant select on stalls, dead_letters, outbox_pruned to dais_app;
--> statement-breakpoint
grant update (retried_at, dropped_at) on dead_letters to dais_app;
--> statement-breakpoint
grant select, insert, update, delete on stalls to dais_system;
--> statement-breakpoint
grant select, insert, delete, update (error_code, attempts, failed_at, retried_at, delivered_at) on dead_letters to dais_system;
--> statement-breakpoint
insert into outbox_pruned (one, xid) values (true, '0');
--> statement-breakpoint
grant select, update (xid) on outbox_pruned to dais_system;
