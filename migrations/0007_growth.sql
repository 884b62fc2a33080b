-- Ten times the size: what read everything reads what it needs. The plans are those of 100,000 issues, 1,000,000
-- reports, 800,000 deliveries and 500,000 entries of the ledger on PostgreSQL 18 (bench/growth.ts), two busy cores.

-- What was merged into an issue, asked for by each issue page.
-- Before: Seq Scan on issue, 100,000 rows removed by filter, 25 ms. After: Index Only Scan, 0.03 ms.
create index issue_merged on issue (merged_into) where merged_into is not null;

-- The newest entry by which something was said; a sweep may write a hundred thousand counts behind it.
-- Before: backwards over all counts. After: Index Scan using ledger_said, one row, 0.1 ms.
create index ledger_said on ledger (seq desc) where type not in ('counted', 'told', 'answered', 'were_right');

-- When each component changed last, in each answer of /api/v2.
-- Before: HashAggregate over a Seq Scan of 200,000 changes, 130 ms. After: one Index Only Scan each, 0.8 ms for 20.
create index component_change_latest on component_change (component_id, at desc);

-- What staff set a component to, apart from the many changes that issues say, on the front page.
-- Before: Seq Scan of all changes joined with all issues, 900 ms. After: issues of 90 days first, then
-- component_change_by_issue for each, and this one for staff's: 0.9 ms.
create index component_change_by_staff on component_change (component_id, seq desc) where issue_id is null;

-- Which reports belong to a group that is about to be forgotten; report_by_group knows only the new ones.
-- Before: Hash Anti Join over a Seq Scan of 1,000,000 reports each hour. After: an Index Scan for each old group.
create index report_grouped on report (group_id) where group_id is not null;

-- How far the figures of /promise were counted, and what they came to by then, so that a process that starts reads what
-- was said since and not everything. It can be thrown away at any time; one that the ledger does not bear out is.
create table figures_kept (
  form integer primary key, -- of the body, as the program that wrote it knows it
  seq bigint not null check (seq > 0),
  hash text not null,
  body text not null
);
