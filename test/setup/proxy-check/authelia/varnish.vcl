# Varnish 7.1 + hitch (TLS) -- lab config. Forward auth with plain VCL: first pass asks the authorizer, then restart.
vcl 4.1;
import std;
backend app   { .host = "127.0.0.1"; .port = "19000"; }
backend authz { .host = "127.0.0.1"; .port = "19091"; .connect_timeout = 2s; .first_byte_timeout = 5s; }

sub vcl_recv {
  if (req.http.host == "auth.example.test") { set req.backend_hint = authz; return (pass); }
  if (req.http.host !~ "^app\.example\.test(:\d+)?$") { return (synth(421)); }

  if (req.restarts == 0) {                       # first pass: authorization
    unset req.http.Remote-User; unset req.http.Remote-Groups; unset req.http.Remote-Name; unset req.http.Remote-Email;
    unset req.http.Remote_User; unset req.http.Remote_Groups; unset req.http.Remote_Name; unset req.http.Remote_Email;
    unset req.http.X-Lab-Method; unset req.http.X-Lab-URL; unset req.http.X-Lab-Expect;
    if (req.method != "GET" && req.method != "HEAD" && !std.cache_req_body(20MB)) { return (synth(413)); }
    set req.http.X-Lab-Method = req.method;
    set req.http.X-Lab-URL = req.url;
    set req.http.X-Forwarded-Method = req.method;
    set req.http.X-Forwarded-Proto = "https";
    set req.http.X-Forwarded-Host = req.http.host;
    set req.http.X-Forwarded-Uri = req.url;
    set req.http.X-Forwarded-For = std.ip(regsub(req.http.X-Forwarded-For, "^.*,\s*", ""), client.ip);
    set req.method = "GET";
    set req.url = "/api/authz/forward-auth";
    set req.backend_hint = authz;
    return (pass);
  }
  # second pass: only reachable through the restart in vcl_deliver, i.e. after a 2xx
  set req.method = req.http.X-Lab-Method;
  set req.url = req.http.X-Lab-URL;
  unset req.http.X-Lab-Method; unset req.http.X-Lab-URL;
  set req.backend_hint = app;
  if (req.http.Upgrade ~ "(?i)websocket") { return (pipe); }
  return (pass);
}
sub vcl_pipe {
  if (req.http.Upgrade) { set bereq.http.Upgrade = req.http.Upgrade; set bereq.http.Connection = "upgrade"; }
}
# The cached request body goes to the authorizer as well: "unset bereq.body" here would lose it for the second pass.
sub vcl_deliver {
  if (req.url == "/api/authz/forward-auth" && req.restarts == 0 && req.http.X-Lab-URL) {
    if (resp.status >= 200 && resp.status < 300) {
      if (resp.http.Remote-User)   { set req.http.Remote-User   = resp.http.Remote-User; }
      if (resp.http.Remote-Groups) { set req.http.Remote-Groups = resp.http.Remote-Groups; }
      if (resp.http.Remote-Name)   { set req.http.Remote-Name   = resp.http.Remote-Name; }
      if (resp.http.Remote-Email)  { set req.http.Remote-Email  = resp.http.Remote-Email; }
      return (restart);
    }
  }
}
