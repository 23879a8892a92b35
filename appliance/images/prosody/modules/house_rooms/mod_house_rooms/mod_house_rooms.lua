-- Rooms that are always there, and open to everybody with an account on the domain that the service belongs to:
--   house_rooms = { { name = "family"; title = "Family"; owners = { "ann@m.example" } } }
-- What is missing is made when the server starts. What its owners change or destroy stays so.
-- To be loaded on a Component "muc".
local jid_bare, jid_host, jid_prep = import("prosody.util.jid", "bare", "host", "prep");

local muc = module:depends "muc";
local wanted = module:get_option_array("house_rooms", {});
local home = module:get_option_string("parent_host", (module.host:gsub("^[^%.]+%.", "")));

local function address_of(wish)
	return jid_prep(wish.name .. "@" .. module.host);
end

local function is_destroyed(room)
	return room._data.destroyed;
end

local function make(wish)
	local address = address_of(wish);
	local room = muc.get_room_from_jid(address);
	if not room then
		room = assert(muc.create_room(address), "no room " .. address);
		room:set_name(wish.title);
		room:set_persistent(true);
	end
	if is_destroyed(room) then
		return;
	end
	for _, owner in ipairs(wish.owners) do
		room:set_affiliation(true, jid_prep(owner), "owner");
	end
	room:save(true);
end

local names = {};
for _, wish in ipairs(wanted) do
	names[address_of(wish)] = true;
end

-- Whoever is at home here becomes a member by coming in; who was banned stays out. Before members are asked for (-5).
module:hook("muc-occupant-pre-join", function (event)
	local room, person = event.room, jid_bare(event.stanza.attr.from);
	local is_open = names[room.jid] and room:get_members_only() and jid_host(person) == home;
	if is_open and not room:get_affiliation(person) then
		room:set_affiliation(true, person, "member");
		room:save(true);
		-- it was worked out before, for somebody who is nothing in the room
		event.occupant.role = room:get_default_role("member");
	end
end, 10);

module:on_ready(function ()
	for _, wish in ipairs(wanted) do
		make(wish);
	end
end);
