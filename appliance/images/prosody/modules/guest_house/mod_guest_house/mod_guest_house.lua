-- A host for guests without an account (SASL ANONYMOUS): they talk in rooms that are open to them, and nowhere else.
--   guest_rooms = { "lobby@channels.m.example", "talk.m.example" }  -- rooms and whole services; none: every room of
--                                              this server that is listed, for everybody, and without a password
--   guests_at_once = 50
--   guests_per_address = 5       -- an IPv6 network of one household (/64) counts as one address
local jid = require "prosody.util.jid";
local new_ip = require "prosody.util.ip".new_ip;
local set = require "prosody.util.set";
local st = require "prosody.util.stanza";

local WORDS = "Guests can only talk in rooms that are open to them";
local ARCHIVE, PING = "urn:xmpp:mam:2", "urn:xmpp:ping";

local rooms = module:get_option_set("guest_rooms", {}) / jid.prep;
local most = module:get_option_integer("guests_at_once", 50, 1);
local most_of_one = module:get_option_integer("guests_per_address", 5, 1);

local function service(host)
	local about = prosody.hosts[host];
	return about and about.modules.muc;
end

local function may_see(host)
	if not service(host) then return false; end
	if rooms:empty() or rooms:contains(host) then return true; end
	for address in rooms do
		if jid.host(address) == host then return true; end
	end
	return false;
end

local function may_enter(address)
	local muc = service(jid.host(address));
	if not muc then return false; end
	if not rooms:empty() then return rooms:contains(address) or rooms:contains(jid.host(address)); end
	local room = muc.get_room_from_jid(address);
	return room and room:get_public() and not room:get_members_only() and not room:get_password();
end

local function payload(stanza)
	local child = stanza.tags[1];
	return child and child.attr.xmlns;
end

-- What a guest may send into a room, as presence, message or iq.
local into_room = {};

function into_room.presence(stanza, resource)
	local kind = stanza.attr.type;
	return resource and (kind == nil or kind == "unavailable");
end

function into_room.message(stanza, resource)
	return not resource and stanza.attr.type == "groupchat";
end

function into_room.iq(stanza, resource)
	local kind = stanza.attr.type;
	if kind == "result" or kind == "error" then return true; end
	-- of others in the room a guest may see no more than that they are there (XEP-0410)
	if resource then return kind == "get" and payload(stanza) == PING; end
	return kind == "get" or payload(stanza) == ARCHIVE;
end

local function may_send(origin, stanza)
	local to = stanza.attr.to;
	if not to then return stanza.name ~= "message"; end
	local node, host, resource = jid.split(to);
	local address = node and node .. "@" .. host;
	if host == module.host then
		return stanza.name == "iq" and (not node or node == origin.username);
	elseif not node then
		return may_see(host) and stanza.name == "iq" and stanza.attr.type == "get";
	end
	return may_enter(address) and into_room[stanza.name] and into_room[stanza.name](stanza, resource);
end

module:hook("pre-stanza", function (event)
	local origin, stanza = event.origin, event.stanza;
	if may_send(origin, stanza) then return nil; end
	local kind = stanza.attr.type;
	if kind ~= "error" and kind ~= "result" then
		origin.send(st.error_reply(stanza, "auth", "policy-violation", WORDS));
	end
	return true;
end, 500);

-- Nobody can have a guest as a contact: who comes back is somebody else.
for _, kind in ipairs { "bare", "full" } do
	module:hook("presence/" .. kind, function (event)
		local asked = event.stanza.attr.type;
		if asked ~= "subscribe" and asked ~= "subscribed" and asked ~= "probe" then return nil; end
		event.origin.send(st.error_reply(event.stanza, "cancel", "policy-violation", "Guests are nobody's contacts"));
		return true;
	end, 500);
end

-- Those who are here, counted from their log-in on.
local here = setmetatable({}, { __mode = "k" });

local function network_of(address)
	local ip = new_ip(address or "");
	return ip and ip.proto == "IPv6" and ip.packed:sub(1, 8) or address;
end

local function counted(network)
	local all, same = 0, 0;
	for session in pairs(here) do
		if session.destroyed then
			here[session] = nil;
		else
			all = all + 1;
			same = same + (network_of(session.ip) == network and 1 or 0);
		end
	end
	return all, same;
end

module:hook("authentication-attempt", function (event)
	local all, same = counted(network_of(event.origin.ip));
	if all < most and same < most_of_one then return; end
	event.allowed, event.error_condition = false, "temporary-auth-failure";
	event.error_text = "There are too many guests at the moment, please try again later";
end);

module:hook("authentication-success", function (event)
	here[event.session] = true;
end);
