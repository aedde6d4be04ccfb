-- Forward authentication with nothing but HAProxy's own HTTP client.
--   global:   lua-load /etc/haproxy/latchkey.lua
--   frontend: http-request lua.latchkey {{gate.url}}/api/authz/forward-auth {{cookieName}}
-- Fails closed: only a 200 lets a request go on.
local IDENTITY = { "remote-user", "remote-groups", "remote-name", "remote-email" }
local ASK_WITH = { "cookie", "authorization", "proxy-authorization", "accept", "user-agent", "x-requested-with", "sec-fetch-mode",
                   "sec-websocket-key" }
local GIVE_BACK = { "location", "set-cookie", "www-authenticate", "proxy-authenticate", "content-type", "cache-control" }
local TIMEOUT = 10000 -- milliseconds

-- Headers come as { name = { [0] = "a", [1] = "b" } }.
local function values(list)
  local i = -1
  return function() i = i + 1; if list ~= nil then return list[i] end end
end

local function unavailable(txn)
  local reply = txn:reply({ status = 503 })
  reply:add_header("Cache-Control", "no-store")
  reply:add_header("Content-Type", "text/plain")
  reply:set_body("503 the authorization service is not available\n")
  txn:done(reply)
end

-- Every cookie but the session's.
local function without_session(txn, lines, name)
  local session = "[;,]%s*" .. name:gsub("%p", "%%%0") .. "=[^;,]*"
  txn.http:req_del_header("cookie")
  for line in values(lines) do
    local kept = (";" .. line):gsub(session, ""):gsub("^[;,%s]+", "")
    if kept ~= "" then txn.http:req_add_header("cookie", kept) end
  end
end

core.register_action("latchkey", { "http-req" }, function(txn, url, session_cookie)
  local request = txn.http:req_get_headers()
  -- Identity that a client claims goes, Remote_User and its like too: many applications can't tell them apart.
  for name, _ in pairs(request) do
    local canonical = name:lower():gsub("_", "-")
    for _, identity in ipairs(IDENTITY) do
      if canonical == identity then txn.http:req_del_header(name) end
    end
  end

  local headers = {}
  for _, name in ipairs(ASK_WITH) do
    for value in values(request[name]) do
      headers[name] = headers[name] or {}
      table.insert(headers[name], value)
    end
  end
  -- Without one HAProxy would say that it accepts everything, as browsers do.
  headers["accept"] = headers["accept"] or { "" }
  headers["x-forwarded-method"] = { txn.sf:method() }
  headers["x-forwarded-proto"]  = { txn.f:ssl_fc() == 1 and "https" or "http" }
  headers["x-forwarded-host"]   = { txn.sf:req_hdr("host") }
  headers["x-forwarded-uri"]    = { txn.sf:pathq() }
  headers["x-forwarded-for"]    = { txn.sf:src() }

  local ok, answer = pcall(function()
    return core.httpclient():get({ url = url, headers = headers, timeout = TIMEOUT })
  end)
  if not ok or answer == nil or answer.status == nil or answer.status == 0 then
    txn:Warning("latchkey: no answer from " .. url)
    return unavailable(txn)
  end
  if answer.status == 200 then
    for _, name in ipairs(IDENTITY) do
      for value in values(answer.headers[name]) do
        if value ~= "" then txn.http:req_add_header(name, value) end
      end
    end
    without_session(txn, request["cookie"], session_cookie)
    return
  end
  if answer.status < 300 or answer.status >= 500 then return unavailable(txn) end

  local reply = txn:reply({ status = answer.status })
  for _, name in ipairs(GIVE_BACK) do
    for value in values(answer.headers[name]) do reply:add_header(name, value) end
  end
  if answer.body ~= nil then reply:set_body(answer.body) end
  txn:done(reply)
end, 2)
