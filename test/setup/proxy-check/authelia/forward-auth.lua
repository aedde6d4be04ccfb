-- Forward authentication for HAProxy >= 2.5 with nothing but the built-in HTTP client
-- (core.httpclient): no haproxy-lua-http, no json library, no luasocket.
--   global:    lua-load /path/forward-auth.lua
--   frontend:  http-request  lua.forward-auth http://127.0.0.1:19091/api/authz/forward-auth
--              http-response lua.forward-auth-cookies
-- Fails closed: anything that is not a 2xx from the authorizer ends the transaction here.
local IDENTITY = { "remote-user", "remote-groups", "remote-name", "remote-email" }
local SEND     = { "cookie", "authorization", "proxy-authorization", "accept", "user-agent", "x-requested-with" }
local RELAY    = { "location", "set-cookie", "www-authenticate", "proxy-authenticate", "content-type", "cache-control" }
local TIMEOUT_MS = 3000   -- per attempt; 2.6 makes up to 4 attempts and has no knob for it (httpclient.retries is newer)

-- HAProxy hands headers over as { name = { [0]="v", [1]="w" } }
local function each(list)
  local i = -1
  return function() i = i + 1; if list ~= nil then return list[i] end end
end

local function refuse(txn, status)
  local reply = txn:reply({ status = status })
  reply:add_header("Cache-Control", "no-store")
  reply:add_header("Content-Type", "text/plain")
  reply:set_body("authorization service unavailable\n")
  txn:done(reply)
end

core.register_action("forward-auth", { "http-req" }, function(txn, url)
  local req = txn.http:req_get_headers()
  for name, _ in pairs(req) do               -- strip spoofs, Remote_User style look-alikes included
    local canon = name:lower():gsub("_", "-")
    for _, id in ipairs(IDENTITY) do
      if canon == id then txn.http:req_del_header(name) end
    end
  end

  local headers = {}
  for _, name in ipairs(SEND) do
    for v in each(req[name]) do
      headers[name] = headers[name] or {}
      table.insert(headers[name], v)
    end
  end
  headers["x-forwarded-method"] = { txn.sf:method() }
  headers["x-forwarded-proto"]  = { txn.f:ssl_fc() == 1 and "https" or "http" }
  headers["x-forwarded-host"]   = { txn.sf:req_hdr("host") }
  headers["x-forwarded-uri"]    = { txn.sf:pathq() }
  headers["x-forwarded-for"]    = { txn.sf:src() }

  local ok, res = pcall(function()
    return core.httpclient():get({ url = url, headers = headers, timeout = TIMEOUT_MS })
  end)
  if not ok or res == nil or res.status == nil or res.status == 0 then
    txn:Warning("forward-auth: no answer from " .. url .. (ok and "" or (": " .. tostring(res))))
    return refuse(txn, 503)
  end

  if res.status >= 200 and res.status < 300 then
    for _, name in ipairs(IDENTITY) do
      for v in each(res.headers[name]) do txn.http:req_add_header(name, v) end
    end
    local cookies = {}
    for v in each(res.headers["set-cookie"]) do table.insert(cookies, v) end
    if #cookies > 0 then txn:set_priv(cookies) end
    return
  end
  if res.status >= 500 then return refuse(txn, 503) end

  local reply = txn:reply({ status = res.status })
  for _, name in ipairs(RELAY) do
    for v in each(res.headers[name]) do reply:add_header(name, v) end
  end
  if res.body ~= nil then reply:set_body(res.body) end
  txn:done(reply)
end, 1)

core.register_action("forward-auth-cookies", { "http-res" }, function(txn)
  local cookies = txn:get_priv()
  if type(cookies) == "table" then
    for _, v in ipairs(cookies) do txn.http:res_add_header("set-cookie", v) end
  end
end, 0)
