-- Who may open rooms: accounts of this server with a role, or a higher one:
--   room_creators = "prosody:member"
-- A service of rooms knows all accounts of its domain as "prosody:registered" only (mod_authz_internal).
-- To be loaded on a Component "muc", beside restrict_room_creation.
local jid_split = require "prosody.util.jid".split;
local st = require "prosody.util.stanza";
local usermanager = require "prosody.core.usermanager";

local needed = module:get_option_string("room_creators", "prosody:member");

local function may_create(address)
	local name, domain = jid_split(address);
	local home = name and prosody.hosts[domain];
	local role = home and usermanager.get_user_role(name, domain);
	return role ~= nil and role.priority >= home.authz.get_role_by_name(needed).priority;
end

module:hook("muc-room-pre-create", function (event)
	if not may_create(event.stanza.attr.from) then
		event.origin.send(st.error_reply(event.stanza, "cancel", "not-allowed", "Room creation is restricted", module.host));
		return true;
	end
	return nil;
end, 5);
