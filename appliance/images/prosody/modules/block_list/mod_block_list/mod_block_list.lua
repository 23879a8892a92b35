-- Servers and addresses that nobody here hears from, and that hear nothing from here:
--   block_list = { "spam.example", "mallory@mixed.example" }
-- A server is blocked with all names below it.
-- To be loaded on every VirtualHost and Component that speaks to other servers.
local jid = require "prosody.util.jid";
local st = require "prosody.util.stanza";

local blocked = module:get_option_inherited_set("block_list", {});

local function is_blocked_server(host)
	while host do
		if blocked:contains(host) then
			return true;
		end
		host = host:match("%.(.*)$");
	end
	return false;
end

local function is_blocked(address)
	return is_blocked_server(jid.host(address)) or blocked:contains(jid.bare(address));
end

local function refuse_outgoing(event)
	local stanza = event.stanza;
	if not is_blocked(stanza.attr.to or event.to_host) then
		return nil;
	end
	if stanza.attr.type ~= "error" and stanza.attr.type ~= "result" then
		module:send(st.error_reply(stanza, "cancel", "not-allowed", "This server's admins have blocked this address"));
	end
	return true;
end

local function refuse_stream(event)
	local origin = event.origin;
	if not origin.from_host or not is_blocked_server(origin.from_host) then
		return nil;
	end
	origin:close({ condition = "policy-violation", text = "This server's admins have blocked your server" });
	return true;
end

local function refuse_certificate(event)
	if event.host and is_blocked_server(event.host) then
		return false;
	end
	return nil;
end

-- Without a word: it would have to go where nothing goes. What this server itself says in the name of such an
-- address, as in the error above, has no stream.
local function ignore(event)
	return event.origin.type:find("^s2s") and is_blocked(event.stanza.attr.from) or nil;
end

-- before routing decides to connect
module:hook("route/remote", refuse_outgoing, 110);
-- before any authentication is offered
module:hook("s2s-stream-features", refuse_stream, 1010);
-- both directions again, should a stream get this far
module:hook("s2s-check-certificate", refuse_certificate, 110);
-- single addresses, and servers whose stream was there already
for _, kind in ipairs { "message", "presence", "iq" } do
	for _, target in ipairs { "bare", "full", "host" } do
		module:hook(kind .. "/" .. target, ignore, 1000);
	end
end
