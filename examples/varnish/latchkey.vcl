# Varnish 7 in front of Latchkey, behind hitch for TLS. A request passes twice: first as a question to the gate, then, after a 200, to the application.
vcl 4.1;
import std;

# CHANGE THIS: the address at which the application of app.example.com admin.example.com public.example.com denied.example.com listens.
backend application { .host = "127.0.0.1"; .port = "8080"; }
# A silent Latchkey closes the door, soon.
backend latchkey    { .host = "127.0.0.1"; .port = "9091"; .connect_timeout = 2s; .first_byte_timeout = 10s; }

sub vcl_recv {
  # The client is whom hitch names in the PROXY header, never what a header says.
  set req.http.X-Forwarded-For = client.ip;
  set req.http.X-Forwarded-Proto = "https";
  set req.http.X-Forwarded-Host = req.http.host;
  std.collect(req.http.Cookie, "; ");

  # The portal is not behind the gate, and the gate's endpoints are not reachable through it.
  if (req.http.host ~ "(?i)^(auth\.example\.com)(:\d+)?$") {
    if (req.url ~ "(?i)^/+api/+(authz|verify)") {
      return (synth(404));
    }
    unset req.http.X-Forwarded-Uri;
    set req.backend_hint = latchkey;
    return (pass);
  }
  # Names that nobody listed lead nowhere.
  if (req.http.host !~ "(?i)^(app\.example\.com|admin\.example\.com|public\.example\.com|denied\.example\.com)(:\d+)?$") { return (synth(421)); }

  if (req.restarts == 0) {
    # Identity that a client claims goes, Remote_User and its like too.
    unset req.http.Remote-User; unset req.http.Remote-Groups; unset req.http.Remote-Name; unset req.http.Remote-Email;
    unset req.http.Remote_User; unset req.http.Remote_Groups; unset req.http.Remote_Name; unset req.http.Remote_Email;
    unset req.http.X-Latchkey-Method; unset req.http.X-Latchkey-Url;
    # Bodies are kept for the second pass. Larger uploads: raise this and varnishd's storage.
    if (req.method != "GET" && req.method != "HEAD" && !std.cache_req_body(20MB)) { return (synth(413)); }
    # The request itself is put aside, and the question asked in its place.
    set req.http.X-Latchkey-Method = req.method;
    set req.http.X-Latchkey-Url = req.url;
    set req.http.X-Forwarded-Method = req.method;
    set req.http.X-Forwarded-Uri = req.url;
    set req.method = "GET";
    set req.url = "/api/authz/forward-auth";
    set req.backend_hint = latchkey;
    return (pass);
  }

  # Only vcl_deliver leads here, after a 200.
  set req.method = req.http.X-Latchkey-Method;
  set req.url = req.http.X-Latchkey-Url;
  unset req.http.X-Latchkey-Method; unset req.http.X-Latchkey-Url;
  # Applications get every cookie but the session's (another session.name in configuration.yml: put it here).
  set req.http.Cookie = regsuball(req.http.Cookie, "(^|[;,]\s*)__Secure-latchkey_session=[^;,]*", "");
  set req.http.Cookie = regsub(req.http.Cookie, "^[;,\s]+", "");
  if (req.http.Cookie == "") { unset req.http.Cookie; }
  if (req.http.host ~ "(?i)^(app\.example\.com|admin\.example\.com|public\.example\.com|denied\.example\.com)(:\d+)?$") { set req.backend_hint = application; }
  # A WebSocket is piped; everything else passes, nothing is cached.
  if (req.http.Upgrade ~ "(?i)websocket") { return (pipe); }
  return (pass);
}

sub vcl_pipe {
  if (req.http.Upgrade) {
    set bereq.http.Upgrade = req.http.Upgrade;
    set bereq.http.Connection = "upgrade";
  }
}

sub vcl_deliver {
  if (req.restarts == 0 && req.http.X-Latchkey-Url) {
    # Only 200 means yes: on to the application, with who it is.
    if (resp.status == 200) {
      if (resp.http.Remote-User)   { set req.http.Remote-User   = resp.http.Remote-User; }
      if (resp.http.Remote-Groups) { set req.http.Remote-Groups = resp.http.Remote-Groups; }
      if (resp.http.Remote-Name)   { set req.http.Remote-Name   = resp.http.Remote-Name; }
      if (resp.http.Remote-Email)  { set req.http.Remote-Email  = resp.http.Remote-Email; }
      return (restart);
    }
    # Anything between 200 and 300 that isn't 200 is no answer of the gate's.
    if (resp.status < 300) { set resp.status = 503; }
  }
}
