-- Whoever waits for the next channel may have read, or been brought, the message of one before.
insert into workflow_moves (machine, from_state, event, to_state) values
  ('dispatch_recipient', 'queued', 'deliver', 'delivered'),
  ('dispatch_recipient', 'queued', 'see', 'read');
