-- Pages are made when something changes. So whatever changes what everybody may see says so, once it is committed, on the
-- channel `page`: with an issue's id where only that issue is another than before (its own page, and all that list issues),
-- with 'ledger' where only the ledger's end is, and with nothing where anything may be. Statements say it, not rows, and
-- the database says the same thing once a transaction: ten thousand reporters added are one piece of news.
-- Deliveries do not: at its commit every mail would wait for every other. What pages say of them comes into the ledger
-- each twenty seconds, and that is said.

create function tell_pages_of(issues text[]) returns void language plpgsql as $$
begin
  if cardinality(issues) > 50 then
    perform pg_notify('page', '');
  else
    perform pg_notify('page', about) from unnest(issues) as about;
  end if;
end $$;

create function page_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('page', '');
  return null;
end $$;

create function page_of_issue_changed() returns trigger language plpgsql as $$
begin
  perform tell_pages_of(array(select distinct issue_id from changed where issue_id is not null));
  return null;
end $$;

-- What moved from one issue to another is news of both.
create function page_of_issue_moved() returns trigger language plpgsql as $$
begin
  perform tell_pages_of(array(
    select issue_id from changed where issue_id is not null union select issue_id from was where issue_id is not null));
  return null;
end $$;

-- Other issues' pages lead to it by its title, and say how it stands.
create function issue_page_changed() returns trigger language plpgsql as $$
begin
  if exists (
    select from changed join was using (id)
    where (changed.title, changed.kind, changed.status, changed.resolution, changed.merged_into, changed.return_of)
      is distinct from (was.title, was.kind, was.status, was.resolution, was.merged_into, was.return_of)) then
    perform pg_notify('page', '');
  else
    perform tell_pages_of(array(select id from changed));
  end if;
  return null;
end $$;

create function ledger_page_counted() returns trigger language plpgsql as $$
begin
  perform tell_pages_of(array(
    select distinct issue_id from changed where type in ('counted', 'told') and issue_id is not null));
  return null;
end $$;

create function ledger_page_sealed() returns trigger language plpgsql as $$
begin
  perform pg_notify('page', 'ledger');
  return null;
end $$;

do $$
declare
  one text;
begin
  foreach one in array array['component', 'component_change', 'issue_edit', 'workaround', 'workaround_help'] loop
    execute format('create trigger page_news after insert or update or delete or truncate on %I
      for each statement execute function page_changed()', one);
  end loop;
  foreach one in array array['issue_component', 'issue_update', 'report'] loop
    execute format('create trigger page_news_insert after insert on %I referencing new table as changed
      for each statement execute function page_of_issue_changed()', one);
    execute format('create trigger page_news_update after update on %I referencing old table as was new table as changed
      for each statement execute function page_of_issue_moved()', one);
    execute format('create trigger page_news_delete after delete on %I referencing old table as changed
      for each statement execute function page_of_issue_changed()', one);
    execute format('create trigger page_news_truncate after truncate on %I
      for each statement execute function page_changed()', one);
  end loop;
end $$;

create trigger page_news after insert or delete or truncate on issue
  for each statement execute function page_changed();
create trigger page_news_update after update on issue referencing old table as was new table as changed
  for each statement execute function issue_page_changed();
create trigger page_news_insert after insert on ledger referencing new table as changed
  for each statement execute function ledger_page_counted();
create trigger page_news_update after update on ledger
  for each statement execute function ledger_page_sealed();
