-- Ten times the size: what read everything reads what it needs. The plans are those of 100,000 issues, 1,000,000
-- reports, 800,000 deliveries and 500,000 entries of the ledger on PostgreSQL 18, on two cores busy with other work
-- (bench/growth.ts); milliseconds of pages are medians, beside those of 100 issues in the same run.

-- What was merged into an issue, asked for by each issue page.
-- Before: no index, all issues for each page: 89 ms beside 17. After: 41 ms beside 43.
create index issue_merged on issue (merged_into) where merged_into is not null;

-- The newest entry by which something was said; a sweep may write a hundred thousand counts behind it.
-- Before: ledger_seq_key backwards over all of those counts. After: Index Scan using ledger_said, one row, 0.1 ms.
create index ledger_said on ledger (seq desc) where type not in ('counted', 'told', 'answered', 'were_right');

-- When each component changed last, in each answer of /api/v2.
-- Before: an aggregate over all 200,000 changes, summary.json 221 ms beside 21.
-- After: one Index Only Scan for each of 20 components, 0.8 ms in all; summary.json 127 ms beside 119.
create index component_change_latest on component_change (component_id, at desc);

-- What staff set a component to, apart from the many changes that issues say, on the front page.
-- Before: all changes joined with all issues, 1,556 ms beside 37. After: the issues of 90 days first, then
-- component_change_by_issue for each, and this one for what staff set: 5 ms, and the page 64 ms beside 70.
create index component_change_by_staff on component_change (component_id, seq desc) where issue_id is null;

-- Which reports belong to a group that is about to be forgotten, once an hour: report_by_group knows only the new ones,
-- so that a group whose reports were handled had all reports looked through.
create index report_grouped on report (group_id) where group_id is not null;

-- How far the figures of /promise were counted, and what they came to by then, so that a process that starts reads what
-- was said since and not everything. It can be thrown away at any time; one that the ledger does not bear out is.
create table figures_kept (
  form integer primary key, -- of the body, as the program that wrote it knows it
  seq bigint not null check (seq > 0),
  hash text not null,
  body text not null
);
