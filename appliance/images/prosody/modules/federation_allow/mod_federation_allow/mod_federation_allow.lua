-- Federation with the servers named in federation_allow, and no other:
--   federation_allow = { "friend.example", "groups.friend.example" }
-- To be loaded on every VirtualHost and Component that speaks to other servers.
local st = require "prosody.util.stanza";

local allowed_hosts = module:get_option_inherited_set("federation_allow", {});

local function is_allowed(host)
	return host ~= nil and (allowed_hosts:contains(host) or prosody.hosts[host] ~= nil);
end

local function refuse_outgoing(event)
	if is_allowed(event.to_host) then
		return nil;
	end
	local stanza = event.stanza;
	if stanza.attr.type ~= "error" and stanza.attr.type ~= "result" then
		module:send(st.error_reply(stanza, "cancel", "not-allowed", "Communication with this server is not enabled"));
	end
	return true;
end

local function refuse_incoming(event)
	local origin = event.origin;
	if not origin.from_host or is_allowed(origin.from_host) then
		return nil;
	end
	origin:close({ condition = "policy-violation", text = "This server only talks to selected servers" });
	return true;
end

local function refuse_certificate(event)
	if event.host and not is_allowed(event.host) then
		return false;
	end
	return nil;
end

-- before routing decides to connect
module:hook("route/remote", refuse_outgoing, 100);
-- before any authentication is offered
module:hook("s2s-stream-features", refuse_incoming, 1000);
-- both directions again, should a stream get this far
module:hook("s2s-check-certificate", refuse_certificate, 100);
