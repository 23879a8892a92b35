-- From other servers only contacts can write: whoever is a stranger can ask to become one, and no more.
-- People of this server reach each other as ever. What rooms say to those who are in them comes through, and so does
-- every answer to what was asked from here.
local jid = require "prosody.util.jid";
local roster = require "prosody.core.rostermanager";
local st = require "prosody.util.stanza";

local ANSWERS = { error = true, result = true };

-- A device that has told somebody that it is here (XEP-0045, RFC 6121 4.6) has begun to talk with them.
local function has_been_told(full, bare)
	local session = prosody.full_sessions[full];
	for told in pairs(session and session.directed or {}) do
		if jid.bare(told) == bare then
			return true;
		end
	end
	return false;
end

local function is_stranger(stanza)
	local to, from = stanza.attr.to, jid.bare(stanza.attr.from);
	local username, host = jid.split(to);
	local server = jid.host(from);
	if not username or prosody.hosts[server] then
		return false;
	end
	return not (roster.is_contact_subscribed(username, host, from) or roster.is_user_subscribed(username, host, from)
		or roster.is_user_subscribed(username, host, server) or has_been_told(to, from));
end

local function check(event)
	local origin, stanza = event.origin, event.stanza;
	if ANSWERS[stanza.attr.type] or not is_stranger(stanza) then
		return nil;
	end
	module:log("debug", "Nothing from %s, a stranger to %s", stanza.attr.from, stanza.attr.to);
	if stanza.attr.type ~= "groupchat" then
		origin.send(st.error_reply(stanza, "auth", "policy-violation", "Only contacts can write to this address"));
	end
	return true;
end

module:hook("message/bare", check, 400);
module:hook("message/full", check, 400);
module:hook("iq/full", check, 400);
