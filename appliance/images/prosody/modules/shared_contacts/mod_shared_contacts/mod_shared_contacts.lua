-- People who are in each other's contact lists without asking:
--   shared_contacts = { { name = "Board"; members = { "ann@m.example"; "ben@m.example" } } }
--   shared_contacts_everyone = "Our family"   -- all accounts of this host, below this name; left out: only the groups
--   shared_contacts_most = 200                -- with more accounts than this only the groups, too: each log-in would
--                                             -- be told to all, and a crowd that signs up would be in all lists
--   shared_contacts_apart = "xw-proof-"       -- accounts whose names begin so see each other and nobody else
-- Whoever has the flag "newcomer" (mod_flags; mod_sign_up gives it) is in groups only, until an admin takes it away:
-- else open doors would put strangers into everybody's list, and show them when everybody comes and goes.
-- The contacts are put into a list when it is loaded, and never saved: who leaves a group is gone from all lists. Who
-- gives such a contact a name of their own keeps it, but not its presence. To be loaded on every VirtualHost.
local jid_split, jid_prep = import("prosody.util.jid", "split", "prep");
local set = require "prosody.util.set";
local st = require "prosody.util.stanza";
local rostermanager = require "prosody.core.rostermanager";
local usermanager = require "prosody.core.usermanager";

local FLAG = "newcomer";
module:depends "flags"; -- so that the flag can be taken away
local flagged = module:open_store("account_flags", "keyval+");

local host = module.host;
local here = prosody.hosts[host];
local groups = module:get_option_array("shared_contacts", {});
local everyone = module:get_option_string("shared_contacts_everyone");
local apart = module:get_option_string("shared_contacts_apart");
local most = module:get_option_integer("shared_contacts_most", 200, 0);

-- Names of all accounts of this host, of those that are not among everybody yet, and how many people are. An account
-- that an admin makes is noticed when it is used first.
local accounts;
local newcomers = {};
local count = 0;

local function is_apart(name)
	return apart ~= nil and name:sub(1, #apart) == apart;
end

local function note(name, is_there)
	if (accounts[name] or false) == is_there then
		return;
	end
	accounts[name] = is_there or nil;
	if not is_apart(name) and not newcomers[name] then
		count = count + (is_there and 1 or -1);
		if everyone and is_there and count == most + 1 then
			module:log("warn", "More than %d accounts: not everybody shares contacts any more, only groups do", most);
		end
	end
end

local function all_accounts()
	if not accounts then
		accounts = {};
		local found, problem = flagged:get_key_from_all(FLAG);
		if problem then
			module:log("error", "Who is a newcomer cannot be read: %s", problem);
		end
		for name in pairs(found or {}) do
			newcomers[name] = true;
		end
		local iterate, state = usermanager.users(host);
		-- where log-ins are checked elsewhere nobody may be able to list the accounts
		if iterate then
			for name in iterate, state do
				note(name, true);
			end
		end
	end
	return accounts;
end

local function exists(address)
	local name, domain = jid_split(address);
	return name and prosody.hosts[domain] and usermanager.user_exists(name, domain);
end

local function has_member(group, address)
	for _, member in ipairs(group.members) do
		if jid_prep(member) == address then
			return true;
		end
	end
	return false;
end

-- Returns {address = {group = true}} of all whom the owner of this account shares a group with.
local function contacts_of(name)
	local own, found = name .. "@" .. host, {};
	local function add(address, group)
		if address ~= own then
			found[address] = found[address] or {};
			found[address][group] = true;
		end
	end
	if not all_accounts()[name] then
		return found;
	end
	if (everyone and count <= most and not newcomers[name]) or is_apart(name) then
		for other in pairs(all_accounts()) do
			if is_apart(other) == is_apart(name) and not newcomers[other] then
				add(other .. "@" .. host, everyone or apart);
			end
		end
	end
	for _, group in ipairs(groups) do
		if has_member(group, own) then
			for _, member in ipairs(group.members) do
				local address = jid_prep(member);
				if exists(address) then
					add(address, group.name);
				end
			end
		end
	end
	return found;
end

-- Brings a list in line with the groups; returns the addresses that are different now.
local function update(name, roster)
	local wanted, changed = contacts_of(name), {};
	for address, item in pairs(roster) do
		if address and item.shared and not wanted[address] then
			roster[address] = nil;
			changed[#changed + 1] = address;
		end
	end
	for address, names in pairs(wanted) do
		local item = roster[address] or { shared = true; groups = {} };
		local is_new = item.subscription ~= "both";
		roster[address], item.subscription, item.ask = item, "both", nil;
		for group in pairs(names) do
			is_new = is_new or not item.groups[group];
			item.groups[group] = true;
		end
		if is_new then
			changed[#changed + 1] = address;
		end
	end
	-- of lists that change without being saved no version can be told (as mod_groups has it)
	roster[false].version = true;
	return changed;
end

local function update_all()
	here.roster_cache = nil;
	for name, person in pairs(here.sessions) do
		for _, address in ipairs(person.roster and update(name, person.roster) or {}) do
			rostermanager.roster_push(name, host, address);
		end
	end
end

module:hook("roster-load", function (event)
	local name = event.username;
	if not all_accounts()[name] and usermanager.user_exists(name, host) then
		note(name, true);
		prosody.events.fire_event("shared-contacts/changed");
	end
	update(name, event.roster);
end);

-- before the contact list of the account is taken apart (mod_roster: 300): nobody is to get a farewell to keep
module:hook_global("user-deleted", function (event)
	if event.host == host and all_accounts()[event.username] then
		note(event.username, false);
		newcomers[event.username] = nil;
		prosody.events.fire_event("shared-contacts/changed");
	end
end, 400);

local function set_newcomer(name, is_new)
	local is_there = all_accounts()[name];
	if is_there then
		note(name, false);
	end
	newcomers[name] = is_new or nil;
	if is_there then
		note(name, true);
	end
	prosody.events.fire_event("shared-contacts/changed");
end

local function tell_admins(text)
	local admins = set.new(usermanager.get_jids_with_role("prosody:admin", host))
		+ set.new(usermanager.get_jids_with_role("prosody:operator", host));
	for admin in admins do
		module:send(st.message({ from = host, to = admin, type = "chat" }, text));
	end
end

module:hook("user-flag-added/" .. FLAG, function (event)
	set_newcomer(event.user, true);
	if everyone then
		tell_admins(("%s@%s has signed up and is in nobody's contact list. Let the account in with: "
			.. "xmpp-wizard user newcomers admit %s@%s"):format(event.user, host, event.user, host));
	end
end);
module:hook("user-flag-removed/" .. FLAG, function (event) set_newcomer(event.user, false); end);

-- groups reach over all hosts
module:hook_global("shared-contacts/changed", update_all);
