DROP INDEX "dispatch_attempts_address";--> statement-breakpoint
CREATE INDEX "dispatch_attempts_address" ON "dispatch_attempts" USING btree ("channel",lower("address"),"started_at");