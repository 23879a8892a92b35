-- New accounts that may be a spammer's talk to contacts and admins only, until an admin lets them go.
--   quarantine = "listed"                     those whose address is on one of the lists, or "everybody"
--   quarantine_lists = { "dnsbl.example" }    DNS lists of addresses (RFC 5782)
-- An account is held by the flag "quarantine" (mod_flags), so `prosodyctl shell flags` shows and changes it, too.
-- Whoever was invited is vouched for. Until the lists have answered, a new account is held as well.
local dns = require "prosody.net.adns";
local jid = require "prosody.util.jid";
local new_ip = require "prosody.util.ip".new_ip;
local set = require "prosody.util.set";
local st = require "prosody.util.stanza";
local users = require "prosody.core.usermanager";

local FLAG = "quarantine";
local WORDS = "This account is new: until an admin has looked at it, it can talk with the admins, "
	.. "and with people who have added it themselves.";

local whom = module:get_option_enum("quarantine", "listed", "everybody");
local lists = module:get_option_array("quarantine_lists", {});
local flags = module:depends "flags";
local rosters = module:open_store("roster", "keyval");
local held = {}; -- user name = true, also while lists are asked

-- A list's answer for an address is a name below the list's own: the address backwards.
local function question(address, list)
	local ip = new_ip(address or "");
	if ip and ip.proto == "IPv4" then
		local a, b, c, d = ip.packed:byte(1, 4);
		return ("%d.%d.%d.%d.%s"):format(d, c, b, a, list);
	elseif ip then
		local digits = ip.packed:gsub(".", function (byte) return ("%02x"):format(byte:byte()); end);
		return digits:reverse():gsub(".", "%0.") .. list;
	end
	return nil;
end

-- Lists answer from 127.0.0.0/8; what ends in 255.255.x says that they were asked wrongly, and what is elsewhere
-- comes from a resolver that has an answer to everything.
local function is_listed(answer)
	for _, record in ipairs(answer or {}) do
		local address = tostring(record.a or "");
		if address:find("^127%.") and not address:find("^127%.255%.255%.") then
			return true;
		end
	end
	return false;
end

local function tell(to, text)
	module:send(st.message({ from = module.host, to = to, type = "chat" }, text));
end

local function admins()
	return set.new(users.get_jids_with_role("prosody:admin", module.host))
		+ set.new(users.get_jids_with_role("prosody:operator", module.host));
end

local function hold(username, why)
	local ok, problem = flags.add_flag(username, FLAG, why);
	if not ok then
		module:log("error", "%s@%s cannot be held: %s", username, module.host, problem);
	end
	module:log("info", "%s@%s is held: %s", username, module.host, why);
	tell(username .. "@" .. module.host, WORDS);
	for admin in admins() do
		tell(admin, ("The new account %s@%s is held back (%s). Let it go with: xmpp-wizard user quarantine release %s@%s")
			:format(username, module.host, why, username, module.host));
	end
end

local function ask_lists(username, address)
	local open, is_found = #lists, false;
	local function answered(list, answer)
		open = open - 1;
		if is_found then
			return;
		elseif is_listed(answer) then
			is_found = true;
			hold(username, "address on " .. list);
		elseif open == 0 then
			held[username] = nil;
		end
	end
	held[username] = #lists > 0 or nil;
	for _, list in ipairs(lists) do
		local name = question(address, list);
		-- what cannot be asked has not listed anybody
		if not (name and dns.lookup(function (answer) answered(list, answer); end, name, "A")) then
			answered(list);
		end
	end
end

module:hook("user-registered", function (event)
	local session = event.session;
	if event.validated_invite or (session and session.validated_invite) then
		return;
	elseif whom == "everybody" then
		hold(event.username, "every new account is");
	else
		ask_lists(event.username, event.ip or (session and session.ip));
	end
end);

module:hook("user-flag-added/" .. FLAG, function (event) held[event.user] = true; end);
module:hook("user-flag-removed/" .. FLAG, function (event)
	held[event.user] = nil;
	tell(event.user .. "@" .. module.host, "This account can now talk with everybody.");
end);
module:hook("user-deleted", function (event) held[event.username] = nil; end);

-- Who has been added by the other side is no stranger to them. Only the saved list counts: what a module puts into
-- everybody's list for the moment was nobody's wish.
local function is_contact(username, address)
	local item = (rosters:get(username) or {})[address];
	return item and (item.subscription == "both" or item.subscription == "from" or item.subscription == "to");
end

-- Answers to what others began.
local ANSWERS = {
	iq = set.new { "result", "error" };
	message = set.new { "error" };
	presence = set.new { "subscribed", "unsubscribed", "unsubscribe", "unavailable", "error" };
};

local function may_send(username, stanza)
	local to = stanza.attr.to;
	if not to or ANSWERS[stanza.name]:contains(stanza.attr.type or "") then
		return true;
	end
	local bare = jid.bare(to);
	return bare == username .. "@" .. module.host or bare == module.host
		or admins():contains(bare) or is_contact(username, bare);
end

local function check(event)
	local origin, stanza = event.origin, event.stanza;
	if not held[origin.username] or may_send(origin.username, stanza) then
		return nil;
	end
	module:log("debug", "%s may not talk with %s yet", origin.username, stanza.attr.to);
	origin.send(st.error_reply(stanza, "auth", "policy-violation", WORDS));
	return true;
end

for kind in pairs(ANSWERS) do
	for _, target in ipairs { "bare", "full", "host" } do
		module:hook("pre-" .. kind .. "/" .. target, check, 500);
	end
end

-- not when only loaded by prosodyctl
if prosody.process_type == "prosody" then
	local found, problem = module:open_store("account_flags", "keyval+"):get_key_from_all(FLAG);
	if not found and problem then
		module:log("error", "Who is held cannot be read: %s", problem);
	end
	for username in pairs(found or {}) do
		held[username] = true;
	end
end
