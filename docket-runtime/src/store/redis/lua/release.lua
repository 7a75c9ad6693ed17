-- Gives a claim back whose step never started. A later attempt leaves the row with a lease of 0, by which a release that
-- is sent again is known, so that it is not counted twice.
--
-- KEYS: the row
-- ARGV: claim_id, fence
-- Returns 1 if it was given back, else 0.

local found = redis.call('HMGET', row, 'claim_id', 'fence', 'status', 'attempt', 'starts', 'lease_until')
if found[1] ~= ARGV[1] or found[2] ~= ARGV[2] or found[3] ~= 'running' or found[6] == '0' then
  return 0
end
if found[4] == '1' then
  redis.call('DEL', row)
else
  redis.call('HSET', row, 'lease_until', '0', 'starts', whole(tonumber(found[5]) - 1))
end
return 1
