-- The loop: what the team says (issue, issue_update, component), what customers say (report),
-- and what is owed to them (delivery). Constraints carry the promises; see the comment at each.
-- Times are kept to the millisecond, which is what JSON and cursors carry.

create table setting (
  key text primary key,
  value text not null
);
-- The right-hand side of Message-IDs; the process sets it from BASE_URL at start.
insert into setting (key, value) values ('mail_host', 'localhost');

create table component (
  id text primary key check (id ~ '^[0-9a-z]{12}$'),
  name text not null check (name <> ''),
  description text,
  group_name text,
  position integer not null default 0,
  status text not null default 'operational' check (status in
    ('operational', 'degraded_performance', 'partial_outage', 'major_outage', 'under_maintenance')),
  source text unique, -- where it was imported from, so that a second import finds it
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
);

create table issue (
  id text primary key check (id ~ '^[0-9a-z]{12}$'),
  kind text not null check (kind in ('bug', 'incident', 'maintenance')),
  title text not null check (title <> ''),
  status text not null,
  impact text not null check (impact in ('none', 'minor', 'major', 'critical')),
  workaround text,
  resolution text check (resolution in ('fixed', 'wont_fix', 'not_reproducible', 'duplicate')),
  next_update_at timestamptz(3), -- the promise: "next update by"
  started_at timestamptz(3) not null,
  scheduled_for timestamptz(3),
  scheduled_until timestamptz(3),
  monitoring_at timestamptz(3),
  resolved_at timestamptz(3),
  source text unique,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint status_fits_kind check (case kind
    when 'maintenance' then status in ('scheduled', 'in_progress', 'verifying', 'completed')
    else status in ('investigating', 'identified', 'monitoring', 'resolved') end),
  constraint closed_has_time check ((resolved_at is not null) = (status in ('resolved', 'completed'))),
  constraint only_closed_has_resolution check (resolution is null or resolved_at is not null),
  constraint closed_promises_nothing check (next_update_at is null or resolved_at is null)
);
create index issue_open on issue (created_at desc, id desc) where resolved_at is null;
create index issue_resolved on issue (resolved_at desc, id desc) where resolved_at is not null;
create index issue_newest on issue (created_at desc, id desc);
create index issue_by_start on issue (started_at desc, id desc);

create table issue_component (
  issue_id text not null references issue on delete cascade,
  component_id text not null references component on delete cascade,
  position integer not null default 0,
  status text not null check (status in
    ('operational', 'degraded_performance', 'partial_outage', 'major_outage', 'under_maintenance')),
  primary key (issue_id, component_id)
);
create index issue_component_by_component on issue_component (component_id);

create table issue_update (
  id text primary key check (id ~ '^[0-9a-z]{12}$'),
  seq bigint generated always as identity, -- orders updates of the same millisecond
  issue_id text not null references issue on delete cascade,
  status text not null,
  message text not null check (message <> ''),
  created_at timestamptz(3) not null,
  edited_at timestamptz(3),
  source text unique
);
create index issue_update_by_issue on issue_update (issue_id, created_at desc, seq desc);

-- What was said in public is never silently changed: what stood there before stays readable.
create table issue_edit (
  seq bigint generated always as identity primary key,
  issue_id text not null references issue on delete cascade,
  update_id text references issue_update on delete cascade, -- null: the issue's own field
  field text not null check (field in
    ('message', 'title', 'workaround', 'impact', 'started_at', 'next_update_at', 'scheduled_for', 'scheduled_until')),
  was text, -- null: there was nothing before
  edited_at timestamptz(3) not null
);
create index issue_edit_by_issue on issue_edit (issue_id, seq);

create table report (
  id text primary key check (id ~ '^[0-9a-z]{12}$'),
  issue_id text references issue on delete set null,
  state text not null default 'new' check (state in ('new', 'linked', 'answered', 'withdrawn')),
  source text not null check (source <> ''), -- form, me_too, api, or what the caller named
  email text,
  email_key text generated always as (lower(email)) stored,
  name text,
  message text,
  page_url text,
  verdict text check (verdict in ('not_a_bug', 'works_as_designed', 'need_more', 'not_reproducible')),
  answer text,
  created_at timestamptz(3) not null,
  linked_at timestamptz(3),
  answered_at timestamptz(3),
  withdrawn_at timestamptz(3),
  worked boolean, -- her word on whether the fix worked for her
  worked_comment text,
  worked_at timestamptz(3),
  constraint a_word_on_the_fix_has_time check ((worked is null) = (worked_at is null)),
  constraint an_answer_is_whole check ((verdict is null) = (answer is null) and (verdict is null) = (answered_at is null)),
  constraint withdrawn_has_time check ((state = 'withdrawn') = (withdrawn_at is not null)),
  constraint linked_has_issue check (state <> 'linked' or issue_id is not null)
);
create index report_by_issue on report (issue_id, email_key) where state <> 'withdrawn';
create index report_by_state on report (state, created_at desc, id desc);

-- A mail owed is a row. One event tells one address once: that is the unique constraint.
create table delivery (
  id uuid primary key default gen_random_uuid(),
  event text not null, -- resolved:UPDATE, update:UPDATE, reopened:UPDATE, receipt:REPORT, linked:REPORT:ISSUE, answered:REPORT
  template text not null check (template in ('resolved', 'update', 'receipt', 'linked', 'answered')),
  issue_id text references issue on delete cascade,
  update_id text references issue_update on delete cascade,
  report_id text references report on delete set null,
  address text not null,
  address_key text not null generated always as (lower(address)) stored,
  domain text not null generated always as (split_part(lower(address), '@', 2)) stored,
  message_id text not null unique, -- made with the row; the same on every try
  state text not null default 'queued' check (state in ('queued', 'sent', 'failed', 'suppressed', 'cancelled')),
  reason text, -- why it ended other than sent
  attempts integer not null default 0,
  maybe_delivered integer not null default 0, -- times the connection was lost after the whole message was handed over
  last_error text,
  due_at timestamptz(3) not null,
  lease_token uuid,
  lease_until timestamptz(3),
  created_at timestamptz(3) not null,
  ended_at timestamptz(3),
  unique (event, address_key),
  constraint ended_has_time check ((state = 'queued') = (ended_at is null))
);
create index delivery_due on delivery (due_at, id) where state = 'queued';
create index delivery_by_update on delivery (update_id) where update_id is not null;
create index delivery_by_report on delivery (report_id) where report_id is not null;

-- The breaker, one row for all replicas: while paused nobody sends but one probe an interval.
create table sending (
  one boolean primary key default true check (one),
  paused_since timestamptz(3),
  reason text,
  probe_at timestamptz(3),
  strikes integer not null default 0, -- refusals in a row that were our own fault
  last_sent_at timestamptz(3)
);
insert into sending default values;

create table suppression (
  address_key text primary key,
  reason text not null,
  created_at timestamptz(3) not null
);

create table api_token (
  id text primary key check (id ~ '^[0-9a-z]{12}$'),
  name text not null,
  hash text not null unique, -- SHA-256 of the token, hex; the token itself is nowhere
  scopes text[] not null,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3)
);

-- Written in the transaction of the work it answers for: both happened, or neither.
create table idempotency (
  token_id text not null references api_token on delete cascade,
  key text not null,
  request_hash text not null,
  status integer,
  answer jsonb,
  created_at timestamptz(3) not null,
  primary key (token_id, key)
);
create index idempotency_by_age on idempotency (created_at);

-- Limits: how often something happened in a window. Buckets are hashes, never an address.
create table quota (
  bucket text primary key,
  started_at timestamptz(3) not null,
  count integer not null
);
create index quota_by_age on quota (started_at);
