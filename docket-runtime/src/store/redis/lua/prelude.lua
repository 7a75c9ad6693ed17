-- What all scripts share. A row is a hash whose fields are the columns of the SQL stores. Times are of the server's
-- clock, in milliseconds since 1970. Numbers of Lua are doubles: they hold integers up to 2^53, which microseconds reach
-- in the year 2255, but they must be written by `whole`, or large ones lose their last digits. Its `%d` has the 64 bits of the
-- server, and takes a sixth of the time of a `%.0f`.

local row = KEYS[1]

local function whole(number)
  return string.format('%d', number)
end

-- The clock: in milliseconds, and in microseconds.
local function clock()
  local time = redis.call('TIME')
  local seconds, micros = tonumber(time[1]), tonumber(time[2])
  return seconds * 1000 + math.floor(micros / 1000), seconds * 1000000 + micros
end

local function has_expired(status, expires_at, now)
  return (status == 'succeeded' or status == 'failed') and expires_at and tonumber(expires_at) <= now
end

-- Whether it has expired, and its value is of no more use to anybody.
local function is_over(status, expires_at, keep_until, now)
  return has_expired(status, expires_at, now) and not (keep_until and tonumber(keep_until) > now)
end

-- `ttl` is '' where there is none, and `stale`, for how much longer a value may be used. Redis deletes the row only `keep`
-- after all that: until then the next claim finds its generation.
local function expire_in(ttl, stale, keep, now)
  if ttl == '' then
    redis.call('HDEL', row, 'expires_at', 'keep_until')
    return
  end
  redis.call('HSET', row, 'expires_at', whole(now + tonumber(ttl)))
  if stale == '' then
    stale = 0
    redis.call('HDEL', row, 'keep_until')
  else
    redis.call('HSET', row, 'keep_until', whole(now + tonumber(ttl) + tonumber(stale)))
  end
  redis.call('PEXPIRE', row, whole(tonumber(ttl) + tonumber(stale) + tonumber(keep)))
end

-- Has Redis delete a row whose value has expired, once nobody may use it any more: for what it may not expire by while it is
-- running.
local function expire_at(expires_at, keep_until, now)
  local last = tonumber(keep_until or expires_at)
  redis.call('PEXPIRE', row, whole(math.max(last - now, 0) + 60000))
end

-- Metadata comes as a JSON object that lacks its end, which is the attempt.
local function with_attempt(metadata, attempt)
  return metadata .. attempt .. '}'
end
