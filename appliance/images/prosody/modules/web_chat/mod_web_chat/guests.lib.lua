-- The page for guests without an account: it shows one room that guests may enter, or the list of those. Nothing is
-- connected before somebody has chosen a name, and leaving the page ends the session.
local http = require "prosody.util.http";
local modulemanager = require "prosody.core.modulemanager";

local converse = module:require "converse";
local texts = module:require "texts";
local frame = module:depends "page_frame";

local function settings(room, shared)
	return converse.settings(converse.parent_of(room.host), shared, {
		authentication = "anonymous";
		jid = module.host;
		auto_login = true;
		-- whoever closes the page is gone at once, and nobody tries again by themselves where it is full
		auto_reconnect = false;
		enable_smacks = false;
		singleton = true;
		auto_join_rooms = { room.address };
		locked_muc_domain = "hidden";
		muc_domain = room.host;
		-- nothing is left behind at a computer that is not one's own
		clear_cache_on_logout = true;
		persistent_store = "sessionStorage";
		-- guests have no contacts and no storage, and may say only so much
		allow_bookmarks = false;
		allow_contact_requests = false;
		allow_muc_invitations = false;
		auto_register_muc_nickname = false;
		muc_fetch_members = false;
		send_chat_markers = {};
		send_chat_state_notifications = false;
	});
end

local function link_to(room)
	return converse.home .. "?room=" .. http.urlencode(room.address);
end

-- The room that was asked for, and whether one was.
local function wanted(request, house)
	local query = request.url.query and http.formdecode(request.url.query);
	local name = type(query) == "table" and query.room;
	return name and name ~= "" and house.open_room(name) or nil, name and name ~= "";
end

local function listed(house)
	local list = {};
	for _, room in ipairs(house.open_rooms()) do
		local about = room.description ~= "" and room.description or room.address;
		table.insert(list, { title = room.title, about = about, url = link_to(room) });
	end
	return list;
end

-- Returns a handler that shows the page of these templates: for one room, and the list.
local function pages(head, one, list)
	return function (event)
		local house = modulemanager.get_module(module.host, "guest_house");
		if not house then
			return 404;
		end
		local room, is_asked = wanted(event.request, house);
		local language = frame.language_of(event.request, texts);
		local shared = room and converse.uploads(converse.parent_of(room.host));
		local values = frame.look();
		values.language, values.own, values.assets, values.home = language, converse.own, converse.assets, converse.home;
		values.icon = values.logo or converse.icon;
		if room then
			values.room, values.about = room.title, room.description;
			values.settings = settings(room, shared);
		else
			values.rooms = listed(house);
			values.is_closed, values.is_empty = is_asked or nil, not values.rooms[1] or nil;
			event.response.status_code = is_asked and 404 or 200;
		end
		values.text = frame.spoken(texts, language, values);
		frame.prepare(event.response, language, converse.policy(shared));
		return frame.framed(language, {
			head = frame.render(head, values), body = frame.render(room and one or list, values);
		});
	end;
end

return { pages = pages };
