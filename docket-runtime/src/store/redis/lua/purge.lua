-- Deletes those of many rows that have expired.
--
-- KEYS: the rows
-- ARGV: how many to delete at most
-- Returns how many were deleted.

local left = tonumber(ARGV[1])
local now = clock()
local n_deleted = 0
for _, key in ipairs(KEYS) do
  if n_deleted == left then
    break
  end
  local found = redis.call('HMGET', key, 'status', 'expires_at', 'keep_until')
  if is_over(found[1], found[2], found[3], now) then
    redis.call('UNLINK', key)
    n_deleted = n_deleted + 1
  end
end
return n_deleted
