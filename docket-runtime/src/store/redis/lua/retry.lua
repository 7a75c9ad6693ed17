-- Lets failed rows expire, without Redis deleting them, so that the next claim of each finds its generation.
--
-- KEYS: the rows
-- ARGV: the fence of each
-- Returns how many they were.

local now = clock()
local n_expired = 0
for i, key in ipairs(KEYS) do
  local found = redis.call('HMGET', key, 'fence', 'status', 'expires_at')
  if found[1] == ARGV[i] and found[2] == 'failed' and not has_expired(found[2], found[3], now) then
    redis.call('HSET', key, 'expires_at', whole(now))
    redis.call('HDEL', key, 'keep_until')
    redis.call('PERSIST', key)
    n_expired = n_expired + 1
  end
end
return n_expired
