-- Takes the row, or says who or what has it. These are the rules of `store/row.rs`.
--
-- KEYS: the row
-- ARGV: as `claim.rs` lists them
-- Returns the name of the outcome, and what belongs to it.

local claim_id, input_hash, holder, lease = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local retry_failed, repeat_lost = ARGV[5] == '1', ARGV[6] == '1'
local replace, reconcile = ARGV[7] == '1', ARGV[8] == '1'
local max_attempts, least_fence = tonumber(ARGV[9]), tonumber(ARGV[10])
local most_stale = tonumber(ARGV[16])

local found = redis.call('HMGET', row,
  'status', 'claim_id', 'fence', 'attempt', 'generation', 'starts', 'input_hash', 'repeat_never', 'is_rejected',
  'lease_until', 'retry_at', 'expires_at', 'created_at', 'holder', 'error', 'codec', 'value')
local status = found[1]
local now, micros = clock()

-- Most claims are of rows that are not there, and what follows would take a quarter of their time.
if not status then
  local fence = math.max(micros, least_fence)
  redis.call('HSET', row,
    'namespace', ARGV[11], 'scope', ARGV[12], 'execution_id', ARGV[13],
    'step_name', ARGV[14], 'step_version', ARGV[15], 'input_hash', input_hash,
    'status', 'running', 'claim_id', claim_id, 'holder', holder, 'lease_until', whole(now + lease),
    'fence', whole(fence), 'attempt', '1', 'generation', '0', 'starts', '1', 'repeat_never', repeat_lost and '0' or '1',
    'created_at', whole(now), 'metadata', '{"status":"running","attempt":1}')
  return {'claimed', fence, 1, 0, 1}
end

local old_fence, attempt, generation, starts =
  tonumber(found[3] or 0), tonumber(found[4] or 0), tonumber(found[5] or 0), tonumber(found[6] or 0)
local stored_hash, repeat_never, is_rejected = found[7], found[8] == '1', found[9] == '1'
local lease_until, retry_at = tonumber(found[10] or 0), tonumber(found[11] or 0)
local expires_at, created_at = found[12], found[13]
-- How long ago the row's value expired, where this request may use it all the same.
local stale_by = nil
if most_stale and found[17] and expires_at and stored_hash == input_hash and not repeat_never then
  local by = now - tonumber(expires_at)
  if by >= 0 and by <= most_stale then
    stale_by = by
  end
end

-- An answer, with the value that may be used in its place.
local function or_stale(answer)
  if not stale_by then
    return answer
  end
  return {'stale', found[16], found[17], stale_by, unpack(answer)}
end

local function claimed(fence, as_attempt, as_generation, as_starts)
  return or_stale {'claimed', fence, as_attempt, as_generation, as_starts}
end

-- Puts the row into the hands of this claim. The first write is one that needs memory, so that a server that is full
-- refuses the claim.
local function take(taken)
  local fence = math.max(micros, least_fence, old_fence + 1)
  redis.call('HSET', row,
    'namespace', ARGV[11], 'scope', ARGV[12], 'execution_id', ARGV[13],
    'step_name', ARGV[14], 'step_version', ARGV[15], 'input_hash', input_hash,
    'status', 'running', 'claim_id', claim_id, 'holder', holder, 'lease_until', whole(now + lease),
    'fence', whole(fence), 'attempt', whole(taken.attempt), 'generation', whole(taken.generation),
    'starts', whole(taken.starts), 'repeat_never', taken.repeat_never and '1' or '0',
    'created_at', taken.created_at,
    'metadata', with_attempt('{"status":"running","attempt":', whole(taken.attempt)))
  redis.call('HDEL', row, 'error', 'is_rejected', 'retry_at')
  if not stale_by then
    redis.call('HDEL', row, 'codec', 'value', 'value_json', 'finished_at', 'expires_at', 'keep_until')
  end
  redis.call('PERSIST', row)
  return claimed(fence, taken.attempt, taken.generation, taken.starts)
end

local function next_generation()
  if status == 'failed' and is_rejected then
    return generation + 1
  end
  return generation
end

-- The first attempt of a row that is as good as not there.
local function anew()
  return take {
    attempt = 1, generation = next_generation(), starts = 1, repeat_never = not repeat_lost, created_at = whole(now),
  }
end

-- The next attempt.
local function again()
  local last_has_ended = status == 'succeeded' or status == 'failed'
  return take {
    attempt = attempt + 1, generation = next_generation(), starts = last_has_ended and 1 or starts + 1,
    repeat_never = repeat_never or not repeat_lost, created_at = created_at,
  }
end

-- The same attempt, in the hands of somebody who is to find out how it ended. The step may run under this claim, and take
-- its process with it.
local function to_reconcile()
  return take {
    attempt = attempt, generation = generation, starts = starts + 1,
    repeat_never = repeat_never or not repeat_lost, created_at = created_at,
  }
end

if status == 'running' and found[2] == claim_id then
  redis.call('HSET', row, 'lease_until', whole(now + lease))
  return claimed(old_fence, attempt, generation, starts)
end
if has_expired(status, expires_at, now) then
  return anew()
end
if stored_hash ~= input_hash then
  return {'drift', stored_hash}
end
if status == 'succeeded' then
  if replace and not repeat_never then
    return again()
  end
  return {'hit', found[16], found[17], expires_at and tonumber(expires_at) - now}
end
if status == 'failed' then
  if retry_failed and not repeat_never and retry_at <= now then
    return again()
  end
  return or_stale {'failed', old_fence, attempt, found[15], math.max(retry_at - now, 0)}
end
if status == 'running' and lease_until > now then
  return or_stale {'busy', old_fence, found[14], lease_until - now}
end
if reconcile then
  return to_reconcile()
end
if repeat_lost and not repeat_never and starts < max_attempts then
  return again()
end
return or_stale {'unknown', old_fence, attempt, found[15]}
