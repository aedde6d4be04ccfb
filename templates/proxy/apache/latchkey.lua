-- Forward authentication through mod_lua's access checker. Blocking: one httpd thread a question.
-- Fails closed: only a 200 lets a request go on.
local http  = require "socket.http"
local ltn12 = require "ltn12"

local ASK = "{{gate.url}}/api/authz/forward-auth"
local IDENTITY  = { "Remote-User", "Remote-Groups", "Remote-Name", "Remote-Email" }
local ASK_WITH  = { "Cookie", "Authorization", "Proxy-Authorization", "Accept", "User-Agent", "X-Requested-With", "Sec-Fetch-Mode",
                    "Sec-WebSocket-Key" }
local GIVE_BACK = { "Location", "WWW-Authenticate", "Proxy-Authenticate", "Set-Cookie", "Cache-Control" }

-- session.name in configuration.yml, when that is set
local SESSION_COOKIE = "{{cookieName}}"
local SESSION_PAIR = "[;,]%s*" .. SESSION_COOKIE:gsub("%p", "%%%0") .. "=[^;,]*"

-- Applications get every cookie but the session's. Apache joins several Cookie lines with commas.
local function without_session(cookies)
  if cookies == nil then return nil end
  local kept = (";" .. cookies):gsub(SESSION_PAIR, ""):gsub("^[;,%s]+", "")
  if kept == "" then return nil end
  return kept
end

function check(r)
  if not r.is_initial_req and r.main ~= nil then return apache2.DECLINED end

  local headers = {}
  for _, name in ipairs(ASK_WITH) do
    local value = r.headers_in[name]
    if value then headers[name] = value end
  end
  headers["X-Forwarded-Method"] = r.method
  headers["X-Forwarded-Proto"]  = r.is_https and "https" or "http"
  headers["X-Forwarded-Host"]   = r.headers_in["Host"]
  headers["X-Forwarded-URI"]    = (r.unparsed_uri:gsub("^%a[%w+.-]*://[^/?#]*", "")) -- an absolute request line
  headers["X-Forwarded-For"]    = r.useragent_ip
  headers["Connection"]         = "close"

  -- "Connection: close, Remote-User" would make mod_proxy drop the header that is about to be added.
  if r.headers_in["Upgrade"] then r.headers_in["Connection"] = "upgrade" else r.headers_in["Connection"] = nil end

  http.TIMEOUT = 10
  local body = {}
  local ok, status, answer = http.request {
    url = ASK, method = "GET", headers = headers, redirect = false, sink = ltn12.sink.table(body),
  }
  if not ok or type(status) ~= "number" then
    r:err("latchkey: no answer: " .. tostring(status))
    return 503
  end
  if status == 200 then
    for _, name in ipairs(IDENTITY) do
      local value = answer[name:lower()]
      if value == "" then value = nil end
      r.headers_in[name] = value
    end
    local user = answer["remote-user"]
    if user and user ~= "" then r.user = user end
    r.headers_in["Cookie"] = without_session(r.headers_in["Cookie"])
    return apache2.OK
  end
  if status < 300 or status >= 500 then return 503 end
  for _, name in ipairs(GIVE_BACK) do
    local value = answer[name:lower()]
    if value then r.err_headers_out[name] = value end
  end
  return status
end
