-- A host for guests without an account (SASL ANONYMOUS): they talk in rooms that are open to them, and nowhere else.
--   guest_rooms = { "lobby@channels.m.example", "talk.m.example" }  -- rooms and whole services; none: every room of
--                                              this server that is listed, for everybody, and without a password
--   guests_at_once = 50
--   guests_per_address = 5       -- an IPv6 network of one household (/64) counts as one address
--   guests_of = "m.example"      -- the domain whose rooms a name alone means, and that come first in lists
local jid = require "prosody.util.jid";
local new_cache = require "prosody.util.cache".new;
local new_ip = require "prosody.util.ip".new_ip;
local new_throttle = require "prosody.util.throttle".create;
local set = require "prosody.util.set";
local st = require "prosody.util.stanza";

local WORDS = "Guests can only talk in rooms that are open to them";
local ARCHIVE, PING = "urn:xmpp:mam:2", "urn:xmpp:ping";

local rooms = module:get_option_set("guest_rooms", {}) / jid.prep;
local most = module:get_option_integer("guests_at_once", 50, 1);
local domain = module:get_option_string("guests_of", (module.host:gsub("^[^%.]+%.", "")));
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

-- What a page shows of the room at an address, if a guest who comes now is let in.
local function enterable(address)
	if not address or jid.resource(address) or not may_enter(address) then return nil; end
	local host = jid.host(address);
	local room = service(host).get_room_from_jid(address);
	local is_closed = not room or room._data.destroyed or room:get_members_only() or room:get_password();
	if is_closed then return nil; end
	local name, description = room:get_name() or "", room:get_description() or "";
	return {
		address = address, host = host, title = name ~= "" and name or address;
		description = description, is_listed = room:get_public() and room:get_persistent();
	};
end

-- The services that guests see: those of their own domain, and all others.
local function services()
	local own, others = {}, {};
	for host in pairs(prosody.hosts) do
		local parent = module:context(host):get_option_string("parent_host", (host:gsub("^[^%.]+%.", "")));
		if may_see(host) then table.insert(parent == domain and own or others, host); end
	end
	table.sort(own);
	table.sort(others);
	return own, others;
end

-- For mod_web_chat: the room that guests may come into, nil where there is none. A name alone is that of a room of their
-- own domain, so that no link leads elsewhere once its room is closed.
function open_room(text) -- luacheck: ignore 111/open_room
	if text:find("@", 1, true) then return enterable(jid.prep(text)); end
	for _, host in ipairs((services())) do
		local room = enterable(jid.prep(text .. "@" .. host));
		if room then return room; end
	end
	return nil;
end

local LIST_SECONDS, LIST_LENGTH = 30, 50;
local listed, listed_at = {}, 0;

-- For mod_web_chat: the first of these rooms that are in lists and there to stay. Anybody can ask for it as often as they
-- like, so it is not made anew each time.
function open_rooms() -- luacheck: ignore 111/open_rooms
	if os.time() - listed_at < LIST_SECONDS then return listed; end
	listed, listed_at = {}, os.time();
	local hosts, others = services();
	for _, host in ipairs(table.move(others, 1, #others, #hosts + 1, hosts)) do
		for each in service(host).each_room() do
			local room = enterable(each.jid);
			if room and room.is_listed then table.insert(listed, room); end
			if #listed == LIST_LENGTH then return listed; end
		end
	end
	return listed;
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

-- Who writes as much as one guest may, leaves and comes back as another does not get further than by staying.
local LOG_INS, LOG_IN_SECONDS = 5 * most_of_one, 60;
local throttles = new_cache(2000);

local function comes_too_often(network)
	local throttle = throttles:get(network) or new_throttle(LOG_INS, LOG_IN_SECONDS);
	throttles:set(network, throttle);
	return not throttle:poll(1);
end

module:hook("authentication-attempt", function (event)
	local network = network_of(event.origin.ip);
	local all, same = counted(network);
	if all < most and same < most_of_one and not comes_too_often(network or "") then return; end
	event.allowed, event.error_condition = false, "temporary-auth-failure";
	event.error_text = "There are too many guests at the moment, please try again later";
end);

module:hook("authentication-success", function (event)
	here[event.session] = true;
end);
