-- The support desk: who may sign in, what staff did (deed, audit), what they wrote for themselves (note, wording),
-- and what the inbox needs to put alike reports together.

create table staff (
  id text primary key check (id ~ '^[0-9a-z]{12}$'),
  email text not null,
  email_key text not null generated always as (lower(email)) stored unique,
  name text not null check (name <> ''),
  role text not null check (role in ('reader', 'support', 'owner')),
  password text, -- scrypt with its parameters and salt; null: not set yet, or signs in elsewhere
  subject text unique, -- issuer and subject of single sign-on
  created_at timestamptz(3) not null,
  disabled_at timestamptz(3),
  last_seen_at timestamptz(3)
);

-- A session is found by the SHA-256 of its secret; the secret itself is only in the browser.
create table staff_session (
  hash text primary key,
  staff_id text not null references staff on delete cascade,
  created_at timestamptz(3) not null,
  seen_at timestamptz(3) not null,
  ends_at timestamptz(3) not null
);
create index staff_session_by_staff on staff_session (staff_id);

-- A link that opens the door once: the first owner's, an invitation, a forgotten password.
-- Its token is made from the id by a keyed hash, so nothing here opens anything.
create table staff_link (
  id text primary key check (id ~ '^[0-9a-z]{12}$'),
  staff_id text references staff on delete cascade, -- null: whoever has it becomes the first owner
  purpose text not null check (purpose in ('first', 'invitation', 'password')),
  invited_by text,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  used_at timestamptz(3)
);

-- Who did what and when. Rows are never changed and never go, but for an address in one: erasing a person takes it out.
create table audit (
  seq bigint generated always as identity primary key,
  at timestamptz(3) not null,
  staff_id text references staff,
  who text not null, -- the name, so that it reads without the person's row
  act text not null,
  about text, -- issue:ID, report:ID, staff:ID, token:ID …
  detail jsonb not null default '{}',
  address text -- only where the act was about one
);
create index audit_by_about on audit (about, seq desc) where about is not null;
create function audit_stays() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.address is null
    and (new.seq, new.at, new.staff_id, new.who, new.act, new.about, new.detail)
      is not distinct from (old.seq, old.at, old.staff_id, old.who, old.act, old.about, old.detail) then
    return new;
  end if;
  raise exception 'the audit is append-only';
end $$;
create trigger audit_stays before update or delete on audit for each row execute function audit_stays();

-- What the console puts into forms to begin with; only what was changed stands here.
create table wording (
  key text primary key,
  body text not null check (body <> ''),
  changed_at timestamptz(3) not null
);

-- Spam counts for nothing and is told nothing, but is kept, so that it can be taken back.
alter table report drop constraint report_state_check;
alter table report add constraint report_state_check check (state in ('new', 'linked', 'answered', 'withdrawn', 'spam'));
alter table report drop constraint report_verdict_check;
alter table report add constraint report_verdict_check
  check (verdict in ('explained', 'not_a_bug', 'works_as_designed', 'need_more', 'not_reproducible'));
alter table report add column stands boolean not null generated always as (state not in ('withdrawn', 'spam')) stored;
alter table report add column group_id text; -- new reports that are alike share it; null until somebody looked
alter table report add column merged_from text references issue on delete set null; -- where a merge carried it from
drop index report_by_issue;
create index report_by_issue on report (issue_id, email_key) where stands;
create index report_by_group on report (group_id, created_at desc) where state = 'new';
create index report_ungathered on report (created_at, id) where state = 'new' and group_id is null;
create index report_merged on report (merged_from) where merged_from is not null;
create index report_by_email on report (email_key) where email_key is not null;

-- New reports that sound alike: the stems of the first of them stand for all.
create table report_group (
  id text primary key check (id ~ '^[0-9a-z]{12}$'),
  stems text[] not null,
  issue_id text references issue on delete cascade, -- "still broken" under a closed issue: gathered by it, not by words
  newest_at timestamptz(3) not null
);
create index report_group_by_stem on report_group using gin (stems) with (gin_pending_list_limit = 64);
create index report_group_by_issue on report_group (issue_id) where issue_id is not null;
create index report_group_by_age on report_group (newest_at);

-- One step of staff on some reports, with how each stood before: what undo needs.
create table deed (
  id text primary key check (id ~ '^[0-9a-z]{12}$'),
  kind text not null check (kind in ('link', 'acknowledge', 'answer', 'spam')),
  staff_id text references staff,
  issue_id text references issue on delete cascade,
  at timestamptz(3) not null,
  undone_at timestamptz(3)
);
create table deed_report (
  deed_id text not null references deed on delete cascade,
  report_id text not null references report on delete cascade,
  state text not null,
  issue_id text references issue on delete set null,
  linked_at timestamptz(3),
  verdict text,
  answer text,
  answered_at timestamptz(3),
  primary key (deed_id, report_id)
);
create index deed_report_by_report on deed_report (report_id);

-- For staff alone.
create table note (
  id text primary key check (id ~ '^[0-9a-z]{12}$'),
  issue_id text not null references issue on delete cascade,
  staff_id text references staff,
  who text not null,
  body text not null check (body <> ''),
  created_at timestamptz(3) not null
);
create index note_by_issue on note (issue_id, created_at desc);

-- Counts every change of what an issue says, so that whoever edits an older state is told.
alter table issue add column revision integer not null default 1;
alter table issue add column merged_into text references issue on delete set null;
alter table issue drop constraint issue_resolution_check;
alter table issue add constraint issue_resolution_check
  check (resolution in ('fixed', 'wont_fix', 'not_reproducible', 'duplicate', 'retracted'));
create function issue_changed() returns trigger language plpgsql as $$
begin
  new.revision := old.revision + 1;
  return new;
end $$;
create trigger issue_revised before update on issue for each row execute function issue_changed();

-- Mails to staff have no report; mails of a merge name the other issue; a mail to oneself carries its draft.
alter table delivery drop constraint delivery_template_check;
alter table delivery add constraint delivery_template_check check (template in
  ('resolved', 'update', 'receipt', 'linked', 'answered', 'merged', 'split', 'invited', 'rehearsal'));
alter table delivery add column other_issue_id text references issue on delete cascade;
alter table delivery add column staff_link_id text references staff_link on delete cascade;
alter table delivery add column draft jsonb;
alter table delivery add column again_at timestamptz(3); -- when staff had it sent again: patience begins anew there
create index delivery_stuck on delivery (created_at) where state = 'queued';
create index delivery_failed on delivery (ended_at desc) where state = 'failed';
