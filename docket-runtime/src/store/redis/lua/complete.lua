-- Records a success. The first record stands; what is sent again changes nothing.
--
-- The first write is one that gives memory back. Redis then takes the others even when it is full: what has taken place is
-- to be recorded, and it is claims that are refused. The others are one command, since each costs a script some
-- microseconds.
--
-- KEYS: the row
-- ARGV: claim_id, fence, codec, '1' if there is a value, the value, '1' if there is JSON, the JSON, metadata, ttl, stale,
--   keep
-- Returns 1 if it is in the row, 0 if the row belongs to somebody else.

local found = redis.call('HMGET', row, 'claim_id', 'fence', 'status', 'attempt')
local status = found[3]
if found[1] ~= ARGV[1] or found[2] ~= ARGV[2] or status == 'failed' then
  return 0
end
if status == 'succeeded' then
  return 1
end
local now = clock()
local ttl, stale, keep = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local fields = {
  'status', 'succeeded', 'codec', ARGV[3], 'finished_at', whole(now), 'metadata', with_attempt(ARGV[8], found[4]),
}
local function add(name, value)
  fields[#fields + 1] = name
  fields[#fields + 1] = value
end
if ARGV[4] == '1' then
  add('value', ARGV[5])
end
if ARGV[6] == '1' then
  add('value_json', ARGV[7])
end
if ttl then
  add('expires_at', whole(now + ttl))
end
if ttl and stale then
  add('keep_until', whole(now + ttl + stale))
end
redis.call('HDEL', row,
  'lease_until', 'retry_at', 'error', 'is_rejected', 'value', 'value_json', 'expires_at', 'keep_until')
redis.call('HSET', row, unpack(fields))
if ttl then
  redis.call('PEXPIRE', row, whole(ttl + (stale or 0) + keep))
end
return 1
