-- Forward authentication for Apache httpd 2.4 through mod_lua's access-checker hook.
-- Needs luasocket for Lua 5.3 (Debian: lua-socket). Blocking: one httpd thread per check.
local http  = require "socket.http"
local ltn12 = require "ltn12"
local AUTHZ = "http://127.0.0.1:19091/api/authz/forward-auth"
local IDENTITY = { "Remote-User", "Remote-Groups", "Remote-Name", "Remote-Email" }
local SEND = { "Cookie", "Authorization", "Proxy-Authorization", "Accept", "User-Agent", "X-Requested-With" }

function check(r)
  if not r.is_initial_req and r.main ~= nil then return apache2.DECLINED end
  local h = {}
  for _, n in ipairs(SEND) do local v = r.headers_in[n]; if v then h[n] = v end end
  h["X-Forwarded-Method"] = r.method
  h["X-Forwarded-Proto"]  = r.is_https and "https" or "http"
  h["X-Forwarded-Host"]   = r.headers_in["Host"]
  h["X-Forwarded-URI"]    = (r.unparsed_uri:gsub("^%a[%w+.-]*://[^/?#]*", ""))  -- absolute-form request line
  h["X-Forwarded-For"]    = r.useragent_ip
  h["Connection"]         = "close"

  -- "Connection: close, Remote-User" would make mod_proxy drop the header that we are about to add
  if r.headers_in["Upgrade"] then r.headers_in["Connection"] = "upgrade" else r.headers_in["Connection"] = nil end

  http.TIMEOUT = 5
  local body = {}
  local ok, code, hdr = http.request{ url = AUTHZ, method = "GET", headers = h,
                                      redirect = false, sink = ltn12.sink.table(body) }
  if not ok or type(code) ~= "number" then
    r:err("forward-auth: no answer from authorizer: " .. tostring(code))
    return 503
  end
  if code >= 200 and code < 300 then
    for _, n in ipairs(IDENTITY) do
      local v = hdr[n:lower()]
      if v then r.headers_in[n] = v else r.headers_in[n] = nil end
    end
    if hdr["remote-user"] then r.user = hdr["remote-user"] end     -- assigning nil is a Lua error -> 500
    if hdr["set-cookie"] then r.err_headers_out["Set-Cookie"] = hdr["set-cookie"] end
    return apache2.OK
  end
  if code >= 500 then return 503 end
  if hdr["location"] then r.err_headers_out["Location"] = hdr["location"] end
  if hdr["www-authenticate"] then r.err_headers_out["WWW-Authenticate"] = hdr["www-authenticate"] end
  if hdr["set-cookie"] then r.err_headers_out["Set-Cookie"] = hdr["set-cookie"] end
  return code
end
