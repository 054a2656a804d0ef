// Times are the caller's, in milliseconds since 1970; times to live are Redis' own. An index holds the keys of sessions, by their ends.

/**
 * Keeps a session, in the place of another one if that is named: 1, or 0 where that other one is over.
 * KEYS: the session, its indexes. ARGV: now, idle time, end, the replaced session's key or "", fields and values.
 */
export const openScript = `
local now, idle, ends, replaced = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
if replaced ~= '' then
  if tonumber(redis.call('HGET', replaced, 'endsAt') or 0) <= now then return 0 end
  redis.call('DEL', replaced)
end
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
redis.call('PEXPIRE', KEYS[1], idle)
for i = 2, #KEYS do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now)
  redis.call('ZREM', KEYS[i], replaced)
  redis.call('ZADD', KEYS[i], ends, KEYS[1])
  local rest = ends - now + idle
  if redis.call('PTTL', KEYS[i]) < rest then redis.call('PEXPIRE', KEYS[i], rest) end
end
return 1`;

/**
 * Ends the sessions of an index that meet all conditions, and answers with those that were not over.
 * KEYS: the index. ARGV: now, then for each condition a field, "is" or "not", a value.
 */
export const endScript = `
local ended = {}
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local session, ends = unpack(redis.call('HMGET', key, 'session', 'endsAt'))
  local meant = true
  for i = 2, #ARGV, 3 do
    local same = redis.call('HGET', key, ARGV[i]) == ARGV[i + 2]
    meant = meant and same == (ARGV[i + 1] == 'is')
  end
  if meant then
    redis.call('DEL', key)
    redis.call('ZREM', KEYS[1], key)
    if session and tonumber(ends) > tonumber(ARGV[1]) then ended[#ended + 1] = session end
  end
end
return ended`;

/** The newest sessions of an index, each with its time to live; forgets those that are over. KEYS: the index. ARGV: now, how many. */
export const listScript = `
local found, newest = {}, {}
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local opened, ends = unpack(redis.call('HMGET', key, 'openedAt', 'endsAt'))
  if ends and tonumber(ends) > tonumber(ARGV[1]) then
    found[#found + 1] = { key, tonumber(opened) }
  else
    redis.call('ZREM', KEYS[1], key)
  end
end
table.sort(found, function(one, other) return one[2] > other[2] end)
for i = 1, math.min(#found, tonumber(ARGV[2])) do
  local key = found[i][1]
  newest[i] = { redis.call('HGET', key, 'session'), redis.call('PTTL', key) }
end
return newest`;

/** The next number, where nobody holds the right. KEYS: the session, who holds the right. ARGV: now, for how long. */
export const claimScript = `
if tonumber(redis.call('HGET', KEYS[1], 'endsAt') or 0) <= tonumber(ARGV[1]) then return nil end
if redis.call('EXISTS', KEYS[2]) == 1 then return nil end
local fence = redis.call('HINCRBY', KEYS[1], 'claims', 1)
redis.call('SET', KEYS[2], fence, 'PX', ARGV[2])
return fence`;

/** Keeps tokens unless a later number's are there: 1 or 0. KEYS: the session. ARGV: now, number, tokens. */
export const renewedScript = `
local ends, last = unpack(redis.call('HMGET', KEYS[1], 'endsAt', 'renewedBy'))
if tonumber(ends or 0) <= tonumber(ARGV[1]) or tonumber(last or 0) > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'renewedBy', ARGV[2], 'tokens', ARGV[3])
return 1`;

/** KEYS: who holds the right. ARGV: whose it is to give back. */
export const returnScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`;
