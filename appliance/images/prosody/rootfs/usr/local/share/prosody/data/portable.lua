-- Accounts in the format of XEP-0227, which other servers can read; Prosody's own storage_xep0227 makes it, told of the
-- hash of passwords by this server's configuration. One element <user/> for each account, in one file.
local datetime = require "prosody.util.datetime";
local st = require "prosody.util.stanza";
local places = require "places";
local transfer = require "transfer";

local portable = {};

local ROOT = "urn:xmpp:pie:0";
local TAKEN = { accounts = true, roster = true, vcard = true, private = true, pep = true, archive = true, offline = true };

-- Says whether the format has a place for a store.
function portable.takes(entry)
	return entry.user ~= "" and (TAKEN[entry.store] or entry.store:sub(1, 4) == "pep_");
end

local function texts(account)
	local found = {};
	for name, value in pairs(account) do
		found[name] = type(value) == "number" and name == "iteration_count" and value or tostring(value);
	end
	return found;
end

-- Contacts as Prosody's writer wants them: databases keep no version but `true`, and lists of old may lack a part.
local function contacts(roster)
	local found = {};
	for contact, item in pairs(roster) do
		local copy = {};
		for name, value in pairs(item) do copy[name] = value; end
		if contact == false then
			copy.version, copy.pending = copy.version ~= true and copy.version and tostring(copy.version) or nil, copy.pending or {};
		else
			copy.groups = copy.groups or {};
		end
		found[contact] = copy;
	end
	return found;
end

local READY = { accounts = texts, roster = contacts };

-- Messages that wait for somebody, which Prosody's own writer leaves out (XEP-0227, 4.7).
local function offline_messages(entry)
	local found = st.stanza("offline-messages");
	transfer.read(entry, function (message, _, when)
		local copy = st.clone(message);
		copy.attr.xmlns = "jabber:client";
		if not copy:get_child("delay", "urn:xmpp:delay") then
			copy:tag("delay", { xmlns = "urn:xmpp:delay", from = entry.host, stamp = datetime.datetime(math.floor(when)) }):up();
		end
		found:add_child(copy);
	end);
	return found;
end

local function order(one, other)
	local first, second = one.store == "accounts" and 0 or 1, other.store == "accounts" and 0 or 1;
	return first < second or (first == second and one.key < other.key);
end

-- Returns the element <user/> of one account, of which these are the entries.
local function user_of(driver, entries)
	local xml;
	local memory = { get_user_xml = function () return xml; end, set_user_xml = function (_, _, _, new) xml = new; return true; end };
	table.sort(entries, order);
	for _, entry in ipairs(entries) do
		if entry.store == "offline" then
			xml.tags[1].tags[1]:add_child(offline_messages(entry));
		else
			local store = assert(driver:open_xep0227(entry.store, entry.kind, memory));
			transfer.read(entry, function (value, key, when, with)
				if key then
					assert(store:append(entry.user, key, value, math.floor(when), with));
				else
					local ready = READY[entry.store];
					assert(store:set(entry.user, ready and ready(value) or value));
				end
			end);
		end
	end
	local found = xml.tags[1].tags[1];
	for wish in found:childtags("presence") do -- somebody's wish to see the account; Prosody forgets whose namespace it has
		wish.attr.xmlns = "jabber:client";
	end
	return found;
end

-- Returns {host = {user = entries}} of all accounts, or of one, and how often each store has no place in the format.
local function sorted(only)
	local hosts, left = {}, {};
	for _, entry in ipairs(places.list()) do
		local is_wanted = not only or entry.user .. "@" .. entry.host == only;
		if is_wanted and portable.takes(entry) then
			hosts[entry.host] = hosts[entry.host] or {};
			hosts[entry.host][entry.user] = hosts[entry.host][entry.user] or {};
			table.insert(hosts[entry.host][entry.user], entry);
		elseif is_wanted then
			left[entry.store] = (left[entry.store] or 0) + entry.count;
		end
	end
	return hosts, left;
end

local function names(set)
	local found = {};
	for name in pairs(set) do found[#found + 1] = name; end
	table.sort(found);
	return found;
end

local function has_account(entries)
	for _, entry in ipairs(entries) do
		if entry.store == "accounts" then return true; end
	end
end

-- Writes the file to `out`; `report` hears of each account. Returns how many they are, and what was left out.
function portable.write(out, only, report)
	local hosts, left = sorted(only);
	local count = 0;
	assert(out:write("<?xml version='1.0' encoding='UTF-8'?>\n<server-data xmlns='", ROOT, "'>\n"));
	for _, host in ipairs(names(hosts)) do
		local driver;
		for _, user in ipairs(names(hosts[host])) do
			if has_account(hosts[host][user]) then
				if not driver then
					driver = places.driver(host, "xep0227");
					assert(out:write(tostring(st.stanza("host", { jid = host }):top_tag()), "\n"));
				end
				assert(out:write(tostring(user_of(driver, hosts[host][user])), "\n"));
				count = count + 1;
				report(count);
			end
		end
		if driver then assert(out:write("</host>\n")); end
	end
	assert(out:write("</server-data>\n"));
	return count, left;
end

return portable;
