-- Whoever was told that it is fixed for some is told once more when it has reached her. Whether she was is asked for each
-- of those mails, by the update and the address; without this index that was all mails of the update, for every one of them.
create index delivery_told_some on delivery (update_id, address_key) where for_some;

-- Ids of mails in the order in which they were made: random ones put each row of a large fan-out, and each mail that ended,
-- into another page of two indexes (100,000 rows, PostgreSQL 18, insert … select: 5.3 s, and 3.9 s so). The rest of an id
-- stays random, as in version 7 of RFC 9562, which PostgreSQL makes by itself only since 18.
create function ordered_uuid() returns uuid language sql volatile as $$
  select (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
    || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid
$$;
alter table delivery alter column id set default ordered_uuid();

-- What the desk sorts reports by is on no page: putting ten thousand of them into groups, some at a time, had every page
-- of their issue made anew each time.
create function report_page_changed() returns trigger language plpgsql as $$
begin
  perform tell_pages_of(array(
    select distinct about.id
    from changed join was using (id) cross join lateral unnest(array[changed.issue_id, was.issue_id]) as about (id)
    where about.id is not null and (changed.group_id is not distinct from was.group_id
      or (to_jsonb(changed) - 'group_id') is distinct from (to_jsonb(was) - 'group_id'))));
  return null;
end $$;
drop trigger page_news_update on report;
create trigger page_news_update after update on report referencing old table as was new table as changed
  for each statement execute function report_page_changed();
