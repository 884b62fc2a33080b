-- Search: which words stand in which issue, and how many issues hold each word.
-- Only what is public is searched: title, workaround and updates, never a report.
-- Triggers keep it true whatever writes; they work on whole statements, so that an import stays quick.
-- The words of an issue as stems; a word of the title stands there a second time, marked `~`.
create table issue_search (
  issue_id text primary key references issue on delete cascade,
  words tsvector not null
);
create index issue_search_by_word on issue_search using gin (words) with (gin_pending_list_limit = 64);

-- The lexicon: in how many issues a stem occurs. Three entries are no stems: '' is the number of issues,
-- '~' that of all their title stems, ' ' that of all their stems, titles' twice.
create table search_word (
  word text collate "C" primary key,
  documents integer not null
) with (fillfactor = 80);

-- What could not be counted at once because another transaction was counting; the next write takes it in.
create table search_change (
  word text collate "C" not null,
  documents integer not null
);

-- The beginning of a word, and the same with any one letter left out:
-- two words that share one of these are a slip of the finger apart.
create function search_slips(word text) returns text[] language sql immutable parallel safe as $$
  select array[left(word, 7), substr(word, 2, 6), left(word, 1) || substr(word, 3, 5), left(word, 2) || substr(word, 4, 4),
    left(word, 3) || substr(word, 5, 3), left(word, 4) || substr(word, 6, 2), left(word, 5) || substr(word, 7, 1), left(word, 6)]
$$;
create index search_word_by_slip on search_word using gin (search_slips(word)) with (gin_pending_list_limit = 64)
  where word ~ '^[^0-9]{4,24}$';

-- The stems of a text: words, the parts of a CamelCase or dotted.name, and such a name as a whole without its dots.
-- Signs that stand for a word or syllable each count alone.
-- src/domain/match.ts splits what a person asks in the same way; a test holds one against the other.
create function search_stems(input text) returns tsvector language sql immutable parallel safe as $$
  select strip(to_tsvector('pg_catalog.english', regexp_replace(regexp_replace(
        case when octet_length(input) = length(input) then input
          else regexp_replace(input, '([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])', ' \1 ', 'g') end,
        '([a-z0-9])([A-Z])', '\1 \2', 'g'),
        '[^0-9A-Za-z\u00c0-\u1fff\u2c00-\u2dff\u3040-\ud7ff\uf900-\ufdff\ufe70-\ufefe\uff10-\uffdc]+', ' ', 'g')))
    || array_to_tsvector(array(
      select lower(translate(name[1], '-._/''’', '')) from regexp_matches(input,
        '[0-9A-Za-z\u00c0-\u1fff\u2c00-\u2dff]+(?:[-._/''’][0-9A-Za-z\u00c0-\u1fff\u2c00-\u2dff]+)+|[0-9A-Za-z]*[a-z0-9][A-Z][0-9A-Za-z\u00c0-\u1fff\u2c00-\u2dff]*',
        'g') as name
      where length(name[1]) <= 40))
$$;

-- A word and the particle behind it, joined: "login" finds "log in".
create function search_joined(input text) returns tsvector language sql immutable parallel safe as $$
  select array_to_tsvector(array(select pair[1] || pair[2] from regexp_matches(
    lower(input), '\m([a-z]{2,20})[ -](in|on|up|out|off|over|down)\M', 'g') as pair))
$$;

create function search_words(title text, body text) returns tsvector language sql immutable parallel safe as $$
  with head as materialized (
    select tsvector_to_array(search_stems(left(title, 500)) || search_joined(left(title, 500))) as words)
  select array_to_tsvector(words || array(select '~' || word from unnest(words) as word)
    || tsvector_to_array(search_stems(left(body, 2000)))) from head
$$;

-- Locks first, so that of two who write to one issue at once the later one sees what the other wrote.
create function search_refresh(ids text[]) returns void language plpgsql as $$
begin
  perform from issue where id = any(ids) order by id for no key update;
  insert into issue_search (issue_id, words)
  select issue.id, search_words(issue.title, concat_ws(' ', issue.workaround, said.messages))
  from issue left join lateral (
    select string_agg(left(early.message, 2000), ' ' order by early.created_at, early.seq) as messages
    from (select message, created_at, seq from issue_update
      where issue_id = issue.id order by created_at, seq limit 10) as early) as said on true
  where issue.id = any(ids) order by issue.id
  on conflict (issue_id) do update set words = excluded.words where issue_search.words <> excluded.words;
end $$;

create function search_issue_written() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform search_refresh(array(select id from fresh));
  else
    perform search_refresh(array(select fresh.id from fresh left join stale on stale.id = fresh.id
      where (stale.title, stale.workaround) is distinct from (fresh.title, fresh.workaround)));
  end if;
  return null;
end $$;
create trigger search_inserted after insert on issue
  referencing new table as fresh for each statement execute function search_issue_written();
create trigger search_updated after update on issue
  referencing old table as stale new table as fresh for each statement execute function search_issue_written();

create function search_update_written() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform search_refresh(array(select distinct issue_id from fresh));
  elsif tg_op = 'DELETE' then
    perform search_refresh(array(select distinct issue_id from stale));
  else
    perform search_refresh(array(select issue_id from fresh union select issue_id from stale));
  end if;
  return null;
end $$;
create trigger search_inserted after insert on issue_update
  referencing new table as fresh for each statement execute function search_update_written();
create trigger search_updated after update on issue_update
  referencing old table as stale new table as fresh for each statement execute function search_update_written();
create trigger search_deleted after delete on issue_update
  referencing old table as stale for each statement execute function search_update_written();

-- One transaction at a time counts; whoever comes meanwhile leaves a note and never waits, so none can deadlock.
create function search_count(changed_words text[], changed_by integer[]) returns void language plpgsql as $$
begin
  if pg_try_advisory_xact_lock(1667329127) then
    with noted as (delete from search_change returning word, documents),
    change as (
      select word, sum(documents)::integer as documents from (
        select word, documents from noted
        union all select word collate "C", documents from unnest(changed_words, changed_by) as now (word, documents)) as each
      group by word having sum(documents) <> 0)
    insert into search_word (word, documents) select word, documents from change
    on conflict (word) do update set documents = search_word.documents + excluded.documents;
    delete from search_word where word = any(changed_words) and documents <= 0;
  else
    insert into search_change (word, documents) select * from unnest(changed_words, changed_by);
  end if;
end $$;

-- What a stem counts as in the lexicon.
create function search_entry(stem text) returns text language sql immutable parallel safe as $$
  select case when left(stem, 1) = '~' then '~' else stem end
$$;

create function search_words_changed() returns trigger language plpgsql as $$
declare
  changed_words text[];
  changed_by integer[];
begin
  if tg_op = 'INSERT' then
    select array_agg(word), array_agg(n) into changed_words, changed_by from (
      select word, count(*)::integer as n
      from fresh, unnest(tsvector_to_array(words) || ''::text) as each (stem), search_entry(stem) as word
      group by word
      union all select ' ', sum(length(words))::integer from fresh having count(*) > 0) as tally;
  elsif tg_op = 'DELETE' then
    select array_agg(word), array_agg(n) into changed_words, changed_by from (
      select word, -count(*)::integer as n
      from stale, unnest(tsvector_to_array(words) || ''::text) as each (stem), search_entry(stem) as word
      group by word
      union all select ' ', -sum(length(words))::integer from stale having count(*) > 0) as tally;
  else
    select array_agg(word), array_agg(n) into changed_words, changed_by from (
      select word, sum(n)::integer as n from (
        select search_entry(stem) as word, 1 as n from fresh, unnest(tsvector_to_array(words)) as each (stem)
        union all select search_entry(stem), -1 from stale, unnest(tsvector_to_array(words)) as each (stem)
        union all select ' ', length(words) from fresh
        union all select ' ', -length(words) from stale) as change
      group by word having sum(n) <> 0) as tally;
  end if;
  if changed_words is not null then
    perform search_count(changed_words, changed_by);
  end if;
  return null;
end $$;
create trigger counted_in after insert on issue_search
  referencing new table as fresh for each statement execute function search_words_changed();
create trigger counted_again after update on issue_search
  referencing old table as stale new table as fresh for each statement execute function search_words_changed();
create trigger counted_out after delete on issue_search
  referencing old table as stale for each statement execute function search_words_changed();

create function search_emptied() returns trigger language plpgsql as $$
begin
  truncate search_word, search_change;
  return null;
end $$;
create trigger counted_none after truncate on issue_search
  for each statement execute function search_emptied();

-- The issues that answer any of these questions, up to 150 to each, with their words; those that answer
-- the weightiest stay, `most` in all. (A planner that does not know a common word from a rare one would
-- read the whole table.)
create function search_candidates(queries text[], weights real[], most integer, open_only boolean)
returns table (issue_id text, words text) language plpgsql stable rows 160
  set enable_seqscan = off set jit = off as $$
begin
  return query
    select s.issue_id, s.words::text from (
      select hit.issue_id from unnest(queries, weights) as question (asks, weight)
      cross join lateral (
        select s.issue_id from issue_search as s where s.words @@ question.asks::tsquery
          and (not open_only or exists (select from issue where issue.id = s.issue_id and issue.resolved_at is null))
        limit 150) as hit
      group by hit.issue_id order by sum(weight) desc limit most) as found
    join issue_search as s on s.issue_id = found.issue_id;
end $$;

select search_refresh(array(select id from issue));
