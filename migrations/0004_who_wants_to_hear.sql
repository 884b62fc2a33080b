-- Who wants to hear (subscriber, webhook), what each component went through (component_change), what monitors say
-- before a person has looked at it (issue_draft), and mail that waits until somebody lets it go (sending.held_since).

-- One row for each address. Whoever left stays as a row that hears nothing, until the person is erased.
create table subscriber (
  id text primary key check (id ~ '^[0-9a-z]{12}$'),
  email text not null,
  email_key text not null generated always as (lower(email)) stored unique,
  state text not null check (state in ('unconfirmed', 'active', 'paused', 'left')),
  hears text not null default 'everything' check (hears in ('everything', 'components', 'issues')),
  incidents_only boolean not null default false, -- no known bugs, no planned work
  source text not null check (source <> ''), -- form, api, or what the importer named
  created_at timestamptz(3) not null,
  confirmed_at timestamptz(3), -- when the person, or whoever vouches for it, agreed
  constraint whoever_hears_agreed check (state not in ('active', 'paused') or confirmed_at is not null)
);
create index subscriber_by_state on subscriber (state, created_at desc, id desc);
create index subscriber_unconfirmed on subscriber (created_at) where state = 'unconfirmed';

create table subscriber_component (
  subscriber_id text not null references subscriber on delete cascade,
  component_id text not null references component on delete cascade,
  primary key (subscriber_id, component_id)
);
create index subscriber_component_by_component on subscriber_component (component_id);

-- Issues followed one by one, whatever else she hears of.
create table subscriber_issue (
  subscriber_id text not null references subscriber on delete cascade,
  issue_id text not null references issue on delete cascade,
  primary key (subscriber_id, issue_id)
);
create index subscriber_issue_by_issue on subscriber_issue (issue_id);

-- The proof that somebody asked to hear, and when and how she agreed, changed her mind or left.
create table consent (
  seq bigint generated always as identity primary key,
  subscriber_id text not null references subscriber on delete cascade,
  act text not null check (act in ('asked', 'confirmed', 'imported', 'changed', 'paused', 'resumed', 'left')),
  at timestamptz(3) not null,
  source text not null,
  detail jsonb not null default '{}'
);
create index consent_by_subscriber on consent (subscriber_id, seq);

-- An address of somebody's program or chat. The secret signs what we send there; theirs to see, so it is kept as it is.
create table webhook (
  id text primary key check (id ~ '^[0-9a-z]{12}$'),
  kind text not null check (kind in ('candor', 'statuspage', 'slack', 'teams', 'discord')),
  name text not null default '',
  url text not null,
  secret text not null,
  subscriber_id text references subscriber on delete cascade, -- null: the page's own, hears everything
  staff_id text references staff, -- who added the page's own, and is told when it is paused
  created_at timestamptz(3) not null,
  failures integer not null default 0, -- in a row
  failing_since timestamptz(3),
  last_error text,
  last_ok_at timestamptz(3),
  paused_at timestamptz(3),
  constraint somebodys check (subscriber_id is null or staff_id is null)
);
create index webhook_by_subscriber on webhook (subscriber_id) where subscriber_id is not null;

-- Every change of a component's state: by an issue (and the update that said so), or set by staff.
create table component_change (
  seq bigint generated always as identity primary key,
  id text not null unique check (id ~ '^[0-9a-z]{12}$'),
  component_id text not null references component on delete cascade,
  issue_id text references issue on delete cascade, -- null: staff set the component itself
  update_id text references issue_update on delete set null,
  old_status text not null,
  new_status text not null,
  at timestamptz(3) not null
);
create index component_change_by_component on component_change (component_id, seq);
create index component_change_by_issue on component_change (issue_id, component_id, seq) where issue_id is not null;
create index component_change_by_update on component_change (update_id) where update_id is not null;

insert into component_change (id, component_id, issue_id, update_id, old_status, new_status, at)
select left(md5(gen_random_uuid()::text), 12), touch.component_id, issue.id, first.id, 'operational', touch.status, issue.started_at
from issue_component touch join issue on issue.id = touch.issue_id
left join lateral (
  select id from issue_update where issue_id = issue.id order by created_at, seq limit 1) first on true
order by issue.created_at, issue.id, touch.position;

insert into component_change (id, component_id, old_status, new_status, at)
select left(md5(gen_random_uuid()::text), 12), id, 'operational', status, updated_at
from component where status <> 'operational';

-- When the component's own state was set last by staff: what an issue says later counts again.
alter table component add column status_set_at timestamptz(3);
update component set status_set_at = updated_at where status <> 'operational';
alter table issue_component add column said_at timestamptz(3) not null default now();
update issue_component set said_at = issue.created_at from issue where issue.id = issue_component.issue_id;

-- What a monitor or another program says is wrong. Staff open an issue from it, or put it away; nothing opens itself.
create table issue_draft (
  id text primary key check (id ~ '^[0-9a-z]{12}$'),
  source text not null, -- alertmanager, or what the caller named
  source_key text not null, -- what the same alarm calls itself each time
  kind text not null default 'incident' check (kind in ('bug', 'incident')),
  title text not null check (title <> ''),
  message text not null default '',
  impact text not null default 'minor' check (impact in ('none', 'minor', 'major', 'critical')),
  component_ids text[] not null default '{}',
  link text,
  firing boolean not null default true,
  times integer not null default 1, -- how often it came
  state text not null default 'new' check (state in ('new', 'opened', 'dismissed')),
  issue_id text references issue on delete set null,
  created_at timestamptz(3) not null, -- when the trouble began, as the monitor says
  seen_at timestamptz(3) not null, -- when it last said something
  ended_at timestamptz(3)
);
create unique index issue_draft_once on issue_draft (source, source_key) where state <> 'dismissed' and firing;
create index issue_draft_new on issue_draft (created_at desc) where state = 'new';

-- Planned work that begins and ends by the clock, if so chosen.
alter table issue add column auto_start boolean not null default false;
alter table issue add column auto_complete boolean not null default false;
alter table issue add column remind boolean not null default true;
create index issue_planned on issue (scheduled_for) where kind = 'maintenance' and resolved_at is null;
-- Whether subscribers were told.
alter table issue_update add column notify boolean not null default true;

-- Mail that nobody sends until a person says so: after a backup was brought back.
alter table sending add column held_since timestamptz(3);
alter table sending add column held_reason text;

alter table suppression add column source text not null default 'smtp' check (source in ('smtp', 'bounce', 'staff', 'import'));

-- News to subscribers and to their programs. A row about both her report and her subscription names both.
alter table delivery add column subscriber_id text references subscriber on delete set null;
alter table delivery add column webhook_id text references webhook on delete cascade;
alter table delivery add column component_change_id text references component_change (id) on delete cascade;
alter table delivery add column bounced_at timestamptz(3); -- the server took it, and it came back
alter table delivery drop constraint delivery_template_check;
alter table delivery add constraint delivery_template_check check (template in
  ('resolved', 'update', 'receipt', 'linked', 'answered', 'merged', 'split', 'invited', 'rehearsal',
    'opened', 'reminder', 'confirm', 'component', 'hook_test', 'hook_paused'));
create index delivery_by_subscriber on delivery (subscriber_id, created_at desc) where subscriber_id is not null;
create index delivery_by_webhook on delivery (webhook_id, created_at desc) where webhook_id is not null;
-- A broken receiver must not make a mail wait: each kind has a queue of its own.
drop index delivery_due;
create index delivery_due on delivery (due_at, id) where state = 'queued' and webhook_id is null;
create index delivery_due_hooks on delivery (due_at, id) where state = 'queued' and webhook_id is not null;
-- One at a time for each receiver, in order: what waits before this one?
create index delivery_waiting_hooks on delivery (webhook_id, created_at) where state = 'queued' and webhook_id is not null;

-- What Statuspage's API calls the page.
insert into setting (key, value) values ('page_id', left(md5(gen_random_uuid()::text), 12));

-- The feeds carry what changed last, and are asked for by machines that never tire.
create index issue_by_change on issue (updated_at desc, id desc);
