-- How nearly every mail ends, one commit each. As a function, since a session keeps the plan of what stands in one: by
-- itself that statement took PostgreSQL longer to plan than to run, and a statement kept by the driver under a name is lost
-- behind a pooler. 0.34 ms of the database's processor became 0.23 (bench/README.md, notify). A plan kept from when the
-- table was nearly empty would read all of it for each of 100,000 mails: so never without its index.
create function mark_sent(mail uuid, token uuid, at timestamptz, is_for_some boolean) returns boolean
language plpgsql set enable_seqscan = off as $$
begin
  update delivery
  set state = 'sent', reason = null, ended_at = at, for_some = is_for_some, lease_token = null, lease_until = null
  where id = mail and lease_token = token and state = 'queued';
  return found;
end
$$;
