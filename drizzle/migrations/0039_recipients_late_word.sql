-- Who went on while a vendor was still asked may end without anybody knowing; a vendor's late word still counts.
insert into workflow_moves (machine, from_state, event, to_state) values
  ('dispatch_recipient', 'queued', 'lose', 'undetermined'),
  ('dispatch_recipient', 'sent', 'lose', 'undetermined'),
  ('dispatch_recipient', 'undetermined', 'fail', 'failed'),
  ('dispatch_recipient', 'expired', 'deliver', 'delivered'),
  ('dispatch_recipient', 'failed', 'deliver', 'delivered'),
  ('dispatch_recipient', 'expired', 'see', 'read'),
  ('dispatch_recipient', 'failed', 'see', 'read');
