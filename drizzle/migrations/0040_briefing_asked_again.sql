-- A draft that was taken back is no answer any more: a person is asked.
insert into workflow_moves (machine, from_state, event, to_state) values ('briefing_request', 'answered', 'ask', 'asked');
