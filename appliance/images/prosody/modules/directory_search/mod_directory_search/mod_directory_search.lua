-- Search in the directory of a domain, as apps ask for it (XEP-0055); only people of that domain may search.
--   directory_search_most = 20                so many people at once, by address
--   directory_search_each_minute = 10         so many searches of one person
-- To be loaded as a Component "directory_search"; mod_directory on the domain has the entries.
local cache = require "prosody.util.cache";
local dataforms = require "prosody.util.dataforms";
local jid = require "prosody.util.jid";
local st = require "prosody.util.stanza";
local throttle = require "prosody.util.throttle";

local SEARCH = "jabber:iq:search";
local DATA = "jabber:x:data";
local WORDS = "Type a name, or its beginning with at least three letters.";
local MOST_BYTES = 300;
local NAMES = { "nick"; "first"; "last" };
local LABELS = { nick = "Name"; first = "First name"; last = "Last name" };

local domain = module:get_option_string("parent_host", module.host:match("^[^.]+%.(.+)$"));
local most = module:get_option_integer("directory_search_most", 20, 1);
local each_minute = module:get_option_integer("directory_search_each_minute", 10, 1);
local throttles = cache.new(10000);

local form = dataforms.new {
	title = "Search for people"; instructions = WORDS;
	{ name = "FORM_TYPE"; type = "hidden"; value = SEARCH };
	{ name = "nick"; type = "text-single"; label = LABELS.nick };
	{ name = "first"; type = "text-single"; label = LABELS.first };
	{ name = "last"; type = "text-single"; label = LABELS.last };
};

module:depends "disco";
module:add_identity("directory", "user", module:get_option_string("name", "Directory"));
module:add_feature(SEARCH);

local function is_too_fast(person)
	local own = throttles:get(person) or throttle.create(each_minute, 60);
	throttles:set(person, own);
	return not own:poll(1);
end

-- Why somebody may not ask at all: type and condition of the error, and words; nil if they may.
local function refusal(event)
	local person = jid.bare(event.stanza.attr.from);
	if jid.host(person) ~= domain or not jid.node(person) then
		return "auth", "forbidden", "Only people of " .. tostring(domain) .. " may search here.";
	elseif event.stanza.attr.type == "set" and is_too_fast(person) then
		return "wait", "policy-violation", "Too many searches: wait a minute.";
	end
end

-- All that was typed, in the form or in the older fields; nil if it is too much.
local function typed(query)
	local submitted = query:get_child("x", DATA);
	local fields = submitted and form:data(submitted) or {};
	local text = "";
	for _, name in ipairs(NAMES) do
		text = text .. " " .. ((submitted and fields[name] or query:get_child_text(name)) or "");
	end
	return #text <= MOST_BYTES and text or nil;
end

local function as_form(found)
	local made = st.stanza("x", { xmlns = DATA; type = "result" });
	made:tag("field", { var = "FORM_TYPE"; type = "hidden" }):text_tag("value", SEARCH):up();
	made:tag("reported"):tag("field", { var = "jid"; type = "jid-single"; label = "Address" }):up();
	for _, name in ipairs(NAMES) do
		made:tag("field", { var = name; type = "text-single"; label = LABELS[name] }):up();
	end
	made:up();
	for _, person in ipairs(found) do
		made:tag("item"):tag("field", { var = "jid" }):text_tag("value", person.jid):up();
		for _, name in ipairs(NAMES) do
			made:tag("field", { var = name }):text_tag("value", person[name] or ""):up();
		end
		made:up();
	end
	return made;
end

local function answer(event, found)
	local reply = st.reply(event.stanza):query(SEARCH);
	if event.stanza.tags[1]:get_child("x", DATA) then
		return reply:add_child(as_form(found));
	end
	for _, person in ipairs(found) do
		reply:tag("item", { jid = person.jid });
		for _, name in ipairs(NAMES) do
			reply:text_tag(name, person[name] or "");
		end
		reply:text_tag("email", ""):up();
	end
	return reply;
end

module:hook("iq-get/host/" .. SEARCH .. ":query", function (event)
	local kind, condition, words = refusal(event);
	if kind then
		event.origin.send(st.error_reply(event.stanza, kind, condition, words));
		return true;
	end
	local reply = st.reply(event.stanza):query(SEARCH):text_tag("instructions", WORDS);
	for _, name in ipairs(NAMES) do
		reply:tag(name):up();
	end
	event.origin.send(reply:add_child(form:form()));
	return true;
end);

module:hook("iq-set/host/" .. SEARCH .. ":query", function (event)
	local kind, condition, words = refusal(event);
	local text = not kind and typed(event.stanza.tags[1]);
	if not kind and (not text or not text:find("[^%s%p]")) then
		kind, condition, words = "modify", "not-acceptable", WORDS;
	end
	local directory = prosody.hosts[domain] and prosody.hosts[domain].modules.directory;
	if kind then
		event.origin.send(st.error_reply(event.stanza, kind, condition, words));
	else
		event.origin.send(answer(event, directory and directory.find(text, most) or {}));
	end
	return true;
end);
