-- The wall, for what is printed of briefings. Papers and files are only added to.
do $$
declare t text;
begin
  foreach t in array array['briefing_papers', 'briefing_files'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to dais_app using (tenant_id = current_setting(''dais.tenant'')::uuid) with check (tenant_id = current_setting(''dais.tenant'')::uuid)', t);
    execute format('grant select, insert on %I to dais_app', t);
    execute format('create trigger %I before update or delete on %I for each row execute function append_only()', t || '_append_only', t);
  end loop;
end $$;
--> statement-breakpoint
-- Files are compressed already: another try costs time and saves nothing.
alter table briefing_files alter column bytes set storage external;
