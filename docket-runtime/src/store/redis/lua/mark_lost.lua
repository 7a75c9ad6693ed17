-- Marks a row unknown whose holder is lost.
--
-- KEYS: the row
-- ARGV: fence, error
-- Returns 1 if it was marked, else 0.

local found = redis.call('HMGET', row, 'fence', 'status', 'lease_until', 'attempt')
local now = clock()
if found[1] ~= ARGV[1] or found[2] ~= 'running' or tonumber(found[3]) > now then
  return 0
end
redis.call('HDEL', row, 'lease_until')
redis.call('HSET', row, 'status', 'unknown', 'error', ARGV[2], 'finished_at', whole(now), 'metadata',
  with_attempt('{"status":"unknown","code":"lost","kind":"transient","attempt":', found[4]))
return 1
