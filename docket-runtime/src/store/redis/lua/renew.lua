-- Moves the leases of many claims.
--
-- KEYS: the rows
-- ARGV: lease, then claim_id and fence of each row
-- Returns 1 or 0 for each: whether it is still held.

local lease_until = whole(clock() + tonumber(ARGV[1]))
local held = {}
for i, key in ipairs(KEYS) do
  local found = redis.call('HMGET', key, 'claim_id', 'fence', 'status')
  if found[1] == ARGV[2 * i] and found[2] == ARGV[2 * i + 1] and found[3] == 'running' then
    redis.call('HSET', key, 'lease_until', lease_until)
    held[i] = 1
  else
    held[i] = 0
  end
end
return held
