-- What all scripts share. A row is a hash whose fields are the columns of the SQL stores. Times are of the server's
-- clock, in milliseconds since 1970. Numbers of Lua are doubles: they hold integers up to 2^53, which microseconds reach
-- in the year 2255, but they must be written by `whole`, or large ones lose their last digits. (`%d` is of 64 bits where the server
-- is, and takes a sixth of the time that `%.0f` does.)

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

-- `ttl` is '' where there is none. Redis deletes the row only `keep` after it has expired: until then the next claim finds
-- its generation.
local function expire_in(ttl, keep, now)
  if ttl == '' then
    return
  end
  redis.call('HSET', row, 'expires_at', whole(now + tonumber(ttl)))
  redis.call('PEXPIRE', row, whole(tonumber(ttl) + tonumber(keep)))
end

-- Metadata comes as a JSON object that lacks its end, which is the attempt.
local function with_attempt(metadata, attempt)
  return metadata .. attempt .. '}'
end
