-- Names that nobody may choose for a new account, unless an invitation was made for exactly that name:
--   reserved_names = { "alice" }
-- Whoever has an admin's address is an admin, so an address of one without an account must not be up for grabs.
-- An invitation that was made for a name makes that account and no other (XEP-0401); mod_invites itself does not
-- look, and of the address that an invitation is for it hands on only the URI.
local jid_split = require "prosody.util.jid".split;
local urldecode = require "prosody.util.http".urldecode;

local reserved = module:get_option_set("reserved_names", {});

-- Returns the name that an invitation was made for, or nil where the guest may choose.
local function name_of(invite)
	local path = invite and invite.type == "register" and invite.uri and invite.uri:match("^xmpp:([^?]+)%?");
	return path and jid_split(urldecode(path)) or nil;
end

module:hook("user-registering", function (event)
	local invite = event.validated_invite or (event.session and event.session.validated_invite);
	local name = name_of(invite);
	if name == event.username then
		return nil;
	end
	-- the codes are for mod_join_pages, which speaks the visitor's language
	if name then
		event.reason, event.reason_code, event.reason_name = "This invitation is for " .. name, "owner", name;
	elseif reserved:contains(event.username) then
		event.reason, event.reason_code = "This name is kept for somebody else", "reserved";
	else
		return nil;
	end
	event.allowed = false;
	return true;
end, 100);
