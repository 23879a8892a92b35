-- The people of this host who want to be found by others of it. Each says so, with the names that others see, by a
-- command (XEP-0050), and can take it back. Admins see who is listed, and take people out, by a command or the shell
-- (directory list HOST, directory remove ADDRESS). An entry lies with the other data of its account, and goes with it.
-- Nobody asks this module but mod_directory_search. To be loaded on a VirtualHost.
local adhoc = require "prosody.util.adhoc";
local dataforms = require "prosody.util.dataforms";
local encodings = require "prosody.util.encodings";
local iterators = require "prosody.util.iterators";
local jid_node = require "prosody.util.jid".node;

local MOST_LETTERS = 60;
-- what is shorter, in bytes, matches whole words only: nobody is to go through the alphabet
local SHORTEST_BEGINNING = 3;
local NAMES = { "nick"; "first"; "last" };

module:depends "adhoc";
local new_command = module:require "adhoc".new;
local store = module:open_store("directory", "keyval");
local entries; -- user name = { nick, first, last: text; words = { text } }

-- Words in the form in which they are compared, whatever their case.
local function words_of(text)
	local found = {};
	for piece in text:gmatch("[^%s%p]+") do
		found[#found + 1] = encodings.stringprep.nameprep(piece) or piece:lower();
	end
	return found;
end

local function with_words(username, entry)
	local text = { username };
	for _, name in ipairs(NAMES) do
		text[#text + 1] = entry[name];
	end
	return { nick = entry.nick; first = entry.first; last = entry.last; words = words_of(table.concat(text, " ")) };
end

local function all()
	if not entries then
		entries = {};
		for username in store:users() do
			local entry = store:get(username);
			entries[username] = entry and with_words(username, entry);
		end
	end
	return entries;
end

-- Returns false where it cannot be kept; then nothing has changed.
local function put(username, entry)
	local ok, problem = store:set(username, entry);
	if not ok then
		module:log("error", "The entry of %s in the directory cannot be kept: %s", username, problem);
		return false;
	end
	all()[username] = entry and with_words(username, entry);
	return true;
end

local function has_word(entry, wanted)
	for _, word in ipairs(entry.words) do
		if word == wanted or (#wanted >= SHORTEST_BEGINNING and word:sub(1, #wanted) == wanted) then
			return true;
		end
	end
	return false;
end

local function has_words(entry, wanted)
	for _, word in ipairs(wanted) do
		if not has_word(entry, word) then
			return false;
		end
	end
	return #wanted > 0;
end

-- Returns at most so many people in whose names all words of the text are, by address; each word or its beginning.
function find(text, most) -- luacheck: ignore 111/find
	local wanted, found = words_of(text), {};
	for username, entry in iterators.sorted_pairs(all()) do
		if #found >= most then
			break;
		elseif has_words(entry, wanted) then
			found[#found + 1] = {
				jid = username .. "@" .. module.host; nick = entry.nick; first = entry.first; last = entry.last;
			};
		end
	end
	return found;
end

module:hook_global("user-deleted", function (event)
	if event.host == module.host and entries then
		entries[event.username] = nil;
	end
end);

-- What the profile says already, so that most have to change nothing (XEP-0292, XEP-0172).
local function from_profile(username)
	local pep = prosody.hosts[module.host].modules.pep;
	local service = pep and pep.get_pep_service(username);
	local function published(node, path)
		local ok, _, item = service:get_last_item(node, true);
		return ok and item and item:find(path) or nil;
	end
	if not service then
		return {};
	end
	local card = "{urn:ietf:params:xml:ns:vcard-4.0}vcard/";
	return {
		nick = published("http://jabber.org/protocol/nick", "{http://jabber.org/protocol/nick}nick#")
			or published("urn:xmpp:vcard4", card .. "nickname/text#") or published("urn:xmpp:vcard4", card .. "fn/text#");
		first = published("urn:xmpp:vcard4", card .. "n/given#");
		last = published("urn:xmpp:vcard4", card .. "n/surname#");
	};
end

local own_form = dataforms.new {
	title = "Be found in the directory";
	instructions = "People of " .. module.host .. " can then find you by these names, and see your address. "
		.. "Nobody else can. You can take it back at any time.";
	{ name = "FORM_TYPE"; type = "hidden"; value = "urn:xmpp-wizard:directory" };
	{ name = "listed"; type = "boolean"; label = "Others may find me" };
	{ name = "nick"; type = "text-single"; label = "Name" };
	{ name = "first"; type = "text-single"; label = "First name" };
	{ name = "last"; type = "text-single"; label = "Last name" };
};

local function tidy(text)
	return ((text or ""):gsub("[%c%s]+", " "):gsub("^ ", ""):gsub(" $", ""));
end

local function chosen(fields)
	local entry = {};
	for _, name in ipairs(NAMES) do
		entry[name] = tidy(fields[name]);
		if (encodings.utf8.length(entry[name]) or math.huge) > MOST_LETTERS then
			return nil;
		end
	end
	return entry;
end

local function done(text)
	return { status = "completed"; info = text };
end

local function failed(text)
	return { status = "completed"; error = { message = text } };
end

local function choose(fields, problems, data)
	local username = jid_node(data.from);
	if problems or not fields then
		return failed "The form is not filled in as it should be.";
	elseif not fields.listed then
		return put(username, nil) and done "Nobody finds you in the directory." or failed "That could not be kept.";
	end
	local entry = chosen(fields);
	if not entry then
		return failed(("A name has at most %d letters."):format(MOST_LETTERS));
	elseif table.concat({ entry.nick, entry.first, entry.last }) == "" then
		entry.nick = username;
	end
	return put(username, entry) and done "Others can find you now." or failed "That could not be kept.";
end

module:provides("adhoc", new_command("Be found in the directory", "urn:xmpp-wizard:directory:own",
	adhoc.new_initial_data_form(own_form, function (data)
		local username = jid_node(data.from);
		local entry = all()[username];
		local shown = entry or from_profile(username);
		return { listed = entry ~= nil; nick = shown.nick; first = shown.first; last = shown.last };
	end, choose), "local_user"));

local admin_form = dataforms.new {
	title = "People in the directory";
	instructions = "Choose whom to take out; they can come in again by themselves.";
	{ name = "FORM_TYPE"; type = "hidden"; value = "urn:xmpp-wizard:directory:people" };
	{ name = "people"; type = "list-multi"; label = "Take out" };
};

local function label(username, entry)
	return username .. ": " .. tidy(table.concat({ entry.nick or "", entry.first or "", entry.last or "" }, " "));
end

local function listed()
	local options = {};
	for username, entry in iterators.sorted_pairs(all()) do
		options[#options + 1] = { label = label(username, entry); value = username };
	end
	return { people = options };
end

module:provides("adhoc", new_command("People in the directory", "urn:xmpp-wizard:directory:people",
	adhoc.new_initial_data_form(admin_form, listed, function (fields)
		local count = 0;
		for _, username in ipairs(fields and fields.people or {}) do
			if all()[username] and put(username, nil) then
				count = count + 1;
			end
		end
		return done(("%d taken out."):format(count));
	end), "admin"));

local function add_order(name, description, argument, handler)
	module:add_item("shell-command", {
		section = "directory"; section_desc = "People who can be found by others of their domain";
		name = name; desc = description; args = { { name = argument; type = "string" } }; host_selector = argument;
		handler = handler;
	});
end

add_order("list", "Show who can be found", "host", function (self)
	local count = 0;
	for username, entry in iterators.sorted_pairs(all()) do
		self.session.print(label(username .. "@" .. module.host, entry));
		count = count + 1;
	end
	return true, ("%d listed"):format(count);
end);

add_order("remove", "Take somebody out", "jid", function (_, address)
	local username = jid_node(address);
	if not username or not all()[username] then
		return false, address .. " is not listed";
	end
	return put(username, nil), address .. " is taken out";
end);
