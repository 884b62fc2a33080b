-- What was said stays said (ledger), ways around that customers found (workaround), whom a problem and its fix
-- reach (affected, fixed_for, traits), and what else keeps and proves a promise.

-- Every public statement, every edit and every count that the figures stand on, each with the hash of the one before.
-- A row is written in the transaction of what it states, without a number; shortly after, one at a time, rows are sealed:
-- they get their number and their hash. So whoever states something never waits for whoever states something else.
-- No person is in it: erasing one never breaks it.
create table ledger (
  id bigint generated always as identity primary key, -- the order in which it was written; numbers may be missing
  at timestamptz(3) not null,
  type text not null check (type <> ''),
  issue_id text, -- no reference: what was said stays, whatever becomes of the issue
  body jsonb not null check (jsonb_typeof(body) = 'object'), -- the entry's other fields
  seq bigint unique check (seq > 0),
  prev text check (prev ~ '^[0-9a-f]{64}$'),
  hash text unique check (hash ~ '^[0-9a-f]{64}$'),
  constraint sealed_or_not check ((seq is null) = (prev is null) and (seq is null) = (hash is null))
);
create index ledger_unsealed on ledger (id) where seq is null;
create index ledger_by_issue on ledger (issue_id, id) where issue_id is not null;
create index ledger_counts on ledger (issue_id, type, id) where type in ('counted', 'told');

-- A row changes once, when it is sealed. This guards against our own mistakes; against others there is `candor verify`.
create function ledger_stays() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.seq is null and new.seq is not null
    and (new.id, new.at, new.type, new.issue_id, new.body) is not distinct from (old.id, old.at, old.type, old.issue_id, old.body) then
    return new;
  end if;
  raise exception 'the ledger is append-only';
end $$;
create trigger ledger_stays before update or delete on ledger for each row execute function ledger_stays();

-- Ways around a problem, from the customers who found them. Her words and name are hers, and go when she is erased;
-- what staff published of it is ours.
create table workaround (
  id text primary key check (id ~ '^[0-9a-z]{12}$'),
  issue_id text not null references issue on delete cascade,
  report_id text references report on delete set null,
  state text not null default 'offered' check (state in ('offered', 'published', 'declined', 'withdrawn')),
  offered text, -- her words; null once she is erased
  credit text, -- the name she wishes to be thanked by; null: none
  body text, -- what staff published
  created_at timestamptz(3) not null,
  published_at timestamptz(3),
  ended_at timestamptz(3), -- declined, or taken off the page
  constraint published_is_whole check (state <> 'published' or (body is not null and published_at is not null)),
  constraint ended_has_time check ((state in ('declined', 'withdrawn')) = (ended_at is not null))
);
create index workaround_by_issue on workaround (issue_id, state);
create index workaround_by_report on workaround (report_id) where report_id is not null;
create index workaround_offered on workaround (created_at) where state = 'offered';

-- "This helped me": one count per person. `person` is a keyed hash made for this one workaround alone,
-- so that nobody can be followed from one to another.
create table workaround_help (
  workaround_id text not null references workaround on delete cascade,
  person text not null,
  primary key (workaround_id, person)
);

-- Whom it reaches, and whom its fix has reached so far; src/domain/affected.ts says how they read. Null: everybody.
alter table issue add column affected jsonb;
alter table issue add column fixed_for jsonb;
-- The same problem as one that was over.
alter table issue add column return_of text references issue on delete set null;
create index issue_returns on issue (return_of) where return_of is not null;
-- How many had said "it does not work" when staff last looked and left it closed.
alter table issue add column doubts_seen integer not null default 0;
alter table issue_edit drop constraint issue_edit_field_check;
alter table issue_edit add constraint issue_edit_field_check check (field in
  ('message', 'title', 'workaround', 'impact', 'started_at', 'next_update_at', 'scheduled_for', 'scheduled_until',
    'affected', 'fixed_for'));

-- What she uses (version, browser, region, plan), if she told us: a fix may reach others before her.
alter table report add column traits jsonb;
-- A keyed hash of the short code with which somebody who left no address comes back.
alter table report add column code_hash text unique;
-- We had said that it is none, and it was one.
alter table report add column was_right_at timestamptz(3);
create index report_was_right on report (was_right_at) where was_right_at is not null;
-- Where somebody says that a fix does not work, and whom we told that there is no fault.
create index report_works_not on report (issue_id) where worked = false;
create index report_told_otherwise on report (answered_at desc, id)
  where verdict in ('not_a_bug', 'works_as_designed', 'not_reproducible');

-- Who is nudged before a promise lapses.
alter table staff add column nudges boolean not null default true;
alter table webhook add column nudges boolean not null default false; -- a room of staff alone
alter table webhook add constraint only_ours_nudge check (not nudges or subscriber_id is null);

alter table delivery add column staff_id text references staff on delete cascade; -- a nudge goes to somebody of staff
alter table delivery add column ledger_seq bigint; -- the ledger's head at the first try, named in the footer; the same on every try
alter table delivery add column waits_for_fix boolean not null default false; -- the fix has not reached her yet
alter table delivery add column reached_at timestamptz(3); -- it had waited for the fix, and has not since then: its Date
alter table delivery add column for_some boolean not null default false; -- as it went it said that it is fixed for some, and not for her
alter table delivery drop constraint delivery_template_check;
alter table delivery add constraint delivery_template_check check (template in
  ('resolved', 'update', 'receipt', 'linked', 'answered', 'merged', 'split', 'invited', 'rehearsal',
    'opened', 'reminder', 'confirm', 'component', 'hook_test', 'hook_paused',
    'nudge', 'right', 'reopened', 'returned'));
create index delivery_waits_for_fix on delivery (issue_id) where waits_for_fix and state = 'queued';

-- What was counted since the last time; src/ledger/sweep.ts states it.
create index report_counted on report (coalesce(linked_at, created_at)) where issue_id is not null;
create index report_worked on report (worked_at) where worked_at is not null;
create index delivery_told on delivery (ended_at) where template in ('resolved', 'right') and ended_at is not null;

-- How the ledger writes a time.
create function ledger_time(at timestamptz) returns text language sql stable parallel safe as $$
  select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- All that the page says of an issue, as the ledger would have it after every entry about it.
-- The ledger takes over from it what was there before the ledger, or comes from elsewhere; `candor verify` holds the
-- ledger against it.
create function ledger_issue(wanted text) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'kind', kind, 'title', title, 'status', status, 'impact', impact, 'workaround', workaround, 'resolution', resolution,
    'next_update_at', ledger_time(next_update_at), 'started_at', ledger_time(started_at),
    'scheduled_for', ledger_time(scheduled_for), 'scheduled_until', ledger_time(scheduled_until),
    'created_at', ledger_time(created_at), 'resolved_at', ledger_time(resolved_at),
    'merged_into', merged_into, 'return_of', return_of, 'affected', affected, 'fixed_for', fixed_for,
    'components', coalesce((
      select jsonb_agg(jsonb_build_object('id', component_id, 'status', status, 'said_at', ledger_time(said_at)) order by position, component_id)
      from issue_component where issue_id = wanted), '[]'),
    'updates', coalesce((
      select jsonb_agg(jsonb_build_object('id', id, 'status', status, 'message', message,
        'created_at', ledger_time(created_at), 'edited_at', ledger_time(edited_at)) order by created_at, seq)
      from issue_update where issue_id = wanted), '[]'),
    'edits', coalesce((
      select jsonb_agg(jsonb_build_object('update_id', update_id, 'field', field, 'was', was,
        'at', ledger_time(edited_at)) order by seq)
      from issue_edit where issue_id = wanted), '[]'),
    'component_changes', coalesce((
      select jsonb_agg(jsonb_build_object('id', id, 'component_id', component_id, 'was', old_status, 'is', new_status,
        'at', ledger_time(at)) order by seq)
      from component_change where issue_id = wanted), '[]'),
    'workarounds', coalesce((
      select jsonb_agg(jsonb_build_object('id', id, 'body', body) order by id)
      from workaround where issue_id = wanted and state = 'published'), '[]'))
  from issue where id = wanted
$$;

-- The same of a component, without what issues said of it.
create function ledger_component(wanted text) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'name', name, 'description', description, 'group', group_name, 'status', status, 'set_at', ledger_time(status_set_at),
    'changes', coalesce((
      select jsonb_agg(jsonb_build_object('id', id, 'was', old_status, 'is', new_status, 'at', ledger_time(at)) order by seq)
      from component_change where component_id = wanted and issue_id is null), '[]'))
  from component where id = wanted
$$;

-- What was said before there was a ledger, as it stands today.
insert into ledger (at, type, issue_id, body)
select now(), 'component_taken_over', null, jsonb_build_object('component_id', id) || ledger_component(id)
from component order by position, id;
insert into ledger (at, type, issue_id, body)
select now(), 'issue_taken_over', id, ledger_issue(id) from issue order by created_at, id;
