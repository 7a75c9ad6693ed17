-- Records a failure or an outcome that is not known. An unknown outcome may become known, not the reverse.
-- Of its first write, see `complete.lua`.
--
-- KEYS: the row
-- ARGV: claim_id, fence, status, error, '1' if it was rejected, retry_in, metadata, ttl, stale, keep
-- Returns 1 if it is in the row, 0 if the row belongs to somebody else.

-- In a row that is running or unknown, `codec` is there where a value is.
local found = redis.call('HMGET', row, 'claim_id', 'fence', 'status', 'attempt', 'expires_at', 'keep_until', 'codec')
local status = found[3]
if found[1] ~= ARGV[1] or found[2] ~= ARGV[2] then
  return 0
end
if status == ARGV[3] then
  return 1
end
if status ~= 'running' and status ~= 'unknown' then
  return 0
end
local now = clock()
redis.call('HDEL', row, 'lease_until')
redis.call('HSET', row, 'status', ARGV[3], 'error', ARGV[4], 'is_rejected', ARGV[5], 'starts', '0',
  'retry_at', whole(now + tonumber(ARGV[6])), 'finished_at', whole(now),
  'metadata', with_attempt(ARGV[7], found[4]))
if found[7] and tonumber(found[6] or found[5]) > now then
  -- The value may be used although it has expired, and keeps its times. What is unknown is kept.
  if ARGV[3] == 'failed' then
    expire_at(found[5], found[6], now)
  end
else
  redis.call('HDEL', row, 'codec', 'value', 'value_json')
  expire_in(ARGV[8], ARGV[9], ARGV[10], now)
end
return 1
