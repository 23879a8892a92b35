-- Search among the public rooms of a service, as apps ask for it (https://muclumbus.jabbercat.org/docs/api#xmpp):
-- rooms that are listed and that everybody may enter, those with the most people first. Unlike mod_muc_search it finds
-- rooms that nobody has entered since the server started, too, in either case of letters, and bears rooms without a name.
-- To be loaded on a Component "muc".
local dataforms = require "prosody.util.dataforms";
local jid_split = require "prosody.util.jid".split;
local st = require "prosody.util.stanza";

local SEARCH = "https://xmlns.zombofant.net/muclumbus/search/1.0";
local MOST = 50;

local muc = module:depends "muc";
local form = dataforms.new {
	{ name = "FORM_TYPE"; type = "hidden"; value = SEARCH .. "#params" };
	{ name = "q"; type = "text-single"; label = "Search for" };
	{ name = "sinname"; type = "boolean"; label = "Search in name"; value = true };
	{ name = "sindescription"; type = "boolean"; label = "Search in description"; value = true };
	{ name = "sinaddr"; type = "boolean"; label = "Search in address"; value = true };
	{ name = "min_users"; type = "text-single"; datatype = "xs:integer"; label = "Minimum number of users"; value = 0 };
	{ name = "key"; type = "list-single"; label = "Sort results by"; value = "nusers";
		options = { { label = "Number of online users"; value = "nusers" }; { label = "Address"; value = "address" } } };
};

module:add_feature(SEARCH);

-- What is searched in, or nil after a change; made anew at most once between changes, for it reads all rooms.
local index;

local function forget()
	index = nil;
end

for _, event in ipairs({ "muc-room-created", "muc-room-destroyed", "muc-config-submitted", "muc-set-affiliation" }) do
	module:hook(event, forget, -1000);
end

local function is_open(room)
	return room:get_public() and not room:get_members_only() and not room:get_password();
end

local function all_open()
	if not index then
		index = {};
		for room in muc.all_rooms() do
			if is_open(room) then
				index[#index + 1] = {
					address = room.jid; name = room:get_name() or jid_split(room.jid);
					description = room:get_description() or ""; language = room:get_language() or "";
				};
			end
		end
	end
	return index;
end

local function people_in(address)
	local room, count = muc.get_room_from_jid(address), 0;
	if room then
		for _ in room:each_occupant() do
			count = count + 1;
		end
	end
	return count;
end

local function holds(text, words)
	return text:lower():find(words, 1, true) ~= nil;
end

local function search(query)
	local words, found = (query.q or ""):lower(), {};
	for _, room in ipairs(all_open()) do
		local is_hit = query.sinname and holds(room.name, words)
			or query.sindescription and holds(room.description, words)
			or query.sinaddr and holds(room.address, words);
		local people = is_hit and people_in(room.address) or 0;
		if is_hit and people >= (query.min_users or 0) then
			found[#found + 1] = { room = room; people = people };
		end
	end
	table.sort(found, function (a, b)
		if query.key ~= "address" and a.people ~= b.people then
			return a.people > b.people;
		end
		return a.room.address < b.room.address;
	end);
	return found;
end

local function item(hit)
	local room = hit.room;
	return st.stanza("item", { address = room.address })
		:text_tag("name", room.name):text_tag("description", room.description):text_tag("language", room.language)
		:text_tag("nusers", tostring(hit.people)):tag("is-open"):up();
end

module:hook("iq-get/host/" .. SEARCH .. ":search", function (event)
	event.origin.send(st.reply(event.stanza):tag("search", { xmlns = SEARCH }):add_child(form:form()));
	return true;
end);

module:hook("iq-set/host/" .. SEARCH .. ":search", function (event)
	local submitted = event.stanza.tags[1]:get_child("x", "jabber:x:data");
	local query = submitted and form:data(submitted);
	if not query then
		event.origin.send(st.error_reply(event.stanza, "modify", "bad-request", "A filled form is missing"));
		return true;
	end
	local answer = st.reply(event.stanza):tag("result", { xmlns = SEARCH });
	for number, hit in ipairs(search(query)) do
		if number > MOST then
			break;
		end
		answer:add_child(item(hit));
	end
	event.origin.send(answer);
	return true;
end);
