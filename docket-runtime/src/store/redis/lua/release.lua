-- Gives a claim back whose step never started, also if its row was marked in the meantime: its holder is there. A later
-- attempt leaves the row with a lease of 0, by which a release that is sent again is known, so that it is not counted twice.
--
-- KEYS: the row
-- ARGV: claim_id, fence
-- Returns 1 if it was given back, else 0.

local found = redis.call('HMGET', row, 'claim_id', 'fence', 'status', 'attempt', 'starts', 'lease_until', 'metadata',
  'expires_at', 'keep_until', 'codec')
local is_held = found[3] == 'running' and found[6] ~= '0'
local is_marked = found[3] == 'unknown' and cjson.decode(found[7]).code == 'lost'
if found[1] ~= ARGV[1] or found[2] ~= ARGV[2] or not (is_held or is_marked) then
  return 0
end
-- In a row that is running or unknown, `codec` is there where a value is.
local has_value = found[10]
if found[4] == '1' and not has_value then
  redis.call('DEL', row)
elseif found[4] == '1' then
  -- A value that has expired is there.
  redis.call('HDEL', row, 'error', 'lease_until')
  redis.call('HSET', row, 'status', 'succeeded', 'starts', '0', 'metadata',
    with_attempt('{"status":"succeeded","attempt":', found[4]))
  expire_at(found[8], found[9], clock())
else
  redis.call('HDEL', row, 'error')
  if not has_value then
    redis.call('HDEL', row, 'finished_at')
  end
  redis.call('HSET', row, 'status', 'running', 'lease_until', '0', 'starts', whole(tonumber(found[5]) - 1), 'metadata',
    with_attempt('{"status":"running","attempt":', found[4]))
end
return 1
