-- Says how an attempt ended that is in doubt, if its metadata is still as it was read.
--
-- KEYS: the row
-- ARGV: fence, the metadata that was read, 'succeeded' or 'failed', the new metadata; then
--   if it succeeded: codec, value, '1' if there is JSON, the JSON, ttl, stale, keep
--   if it failed: the error, if the row has none
-- Returns 1 if it is in the row, 0 if the row is not in doubt, 2 if its metadata is another.

local found = redis.call('HMGET', row, 'fence', 'status', 'lease_until', 'attempt', 'metadata', 'error')
local now = clock()
local is_lost = found[2] == 'running' and tonumber(found[3]) <= now
if found[1] ~= ARGV[1] or not (is_lost or found[2] == 'unknown') then
  return 0
end
if found[5] ~= ARGV[2] then
  return 2
end
redis.call('HDEL', row, 'lease_until', 'retry_at', 'error', 'is_rejected', 'value', 'value_json', 'keep_until')
redis.call('HSET', row, 'status', ARGV[3], 'finished_at', whole(now), 'metadata', with_attempt(ARGV[4], found[4]))
if ARGV[3] == 'succeeded' then
  redis.call('HSET', row, 'codec', ARGV[5], 'value', ARGV[6])
  if ARGV[7] == '1' then
    redis.call('HSET', row, 'value_json', ARGV[8])
  end
  expire_in(ARGV[9], ARGV[10], ARGV[11], now)
else
  redis.call('HSET', row, 'error', found[6] or ARGV[5], 'expires_at', whole(now))
end
return 1
