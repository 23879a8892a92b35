-- Lists of spammers that are kept by others and come as they change (a "real-time block list"):
--   spam_lists = { "xmppbl.org" }
-- Each is a PubSub service (XEP-0060) with a node of domains and a node of SHA-256 sums of addresses. Strangers on
-- them cannot write to anybody here or ask to become a contact; who is a contact already is not touched.
-- The lists are kept with the server's data, asked for again until they answer, and from time to time after that:
-- a server that starts before its network does is protected, too.
local id = require "prosody.util.id";
local jid = require "prosody.util.jid";
local roster = require "prosody.core.rostermanager";
local sha256 = require "prosody.util.hashes".sha256;
local st = require "prosody.util.stanza";

local PUBSUB = "http://jabber.org/protocol/pubsub";
local NODES = { "spam_source_domains", "spam_source_jids_sha256" };

local services = module:get_option_array("spam_lists", {});
local retry_seconds = module:get_option_period("spam_lists_retry", "5 minutes");
local refresh_seconds = module:get_option_period("spam_lists_refresh", "6 hours");
local store = module:open_store("spam_lists", "keyval");
local lists = {}; -- "service node" = { id of an item = true }
local is_ours = {}; -- service = true

local function key_of(service, node)
	return service .. " " .. node;
end

local function keep()
	local ok, problem = store:set(nil, lists);
	if not ok then
		module:log("warn", "The lists of spammers cannot be kept: %s", problem);
	end
end

local function request(kind, service, payload)
	local iq = st.iq({ type = kind, to = service, from = module.host, id = id.medium() });
	return module:send_iq(iq:tag("pubsub", { xmlns = PUBSUB }):add_child(payload));
end

local function take_all(service, node, result)
	local items = result.stanza:find("{" .. PUBSUB .. "}pubsub/items");
	local found, count = {}, 0;
	for item in items:childtags("item") do
		found[item.attr.id], count = true, count + 1;
	end
	lists[key_of(service, node)] = found;
	keep();
	module:log("info", "%d entries in %s of %s", count, node, service);
end

local function follow(service, node)
	local subscribe = st.stanza("subscribe", { node = node, jid = module.host });
	request("set", service, subscribe):next(function ()
		return request("get", service, st.stanza("items", { node = node }));
	end):next(function (result)
		take_all(service, node, result);
		module:add_timer(refresh_seconds, function () follow(service, node); end);
	end):catch(function (problem)
		module:log("info", "%s of %s cannot be had now: %s", node, service, problem);
		module:add_timer(retry_seconds, function () follow(service, node); end);
	end);
end

-- What a service tells by itself: entries that come and go.
module:hook("message/host", function (event)
	local service = event.stanza.attr.from;
	local items = event.stanza:find("{" .. PUBSUB .. "#event}event/items");
	local list = items and is_ours[service] and lists[key_of(service, items.attr.node)];
	if not list then
		return nil;
	end
	for item in items:childtags("item") do
		list[item.attr.id] = true;
	end
	for item in items:childtags("retract") do
		list[item.attr.id] = nil;
	end
	keep();
	return true;
end, 10);

local function is_listed(address)
	local sum = sha256(address, true);
	for _, service in ipairs(services) do
		local domains, addresses = lists[key_of(service, NODES[1])], lists[key_of(service, NODES[2])];
		if domains and domains[jid.host(address)] or addresses and addresses[sum] then
			return true;
		end
	end
	return false;
end

local function is_contact(stanza, from)
	local username, host = jid.split(stanza.attr.to);
	return roster.is_contact_subscribed(username, host, from) or roster.is_user_subscribed(username, host, from);
end

local function check(event)
	local origin, stanza = event.origin, event.stanza;
	local from, kind = jid.bare(stanza.attr.from), stanza.attr.type;
	if kind == "error" or (stanza.name == "presence" and kind ~= "subscribe") then
		return nil;
	elseif prosody.hosts[jid.host(from)] or not is_listed(from) or is_contact(stanza, from) then
		return nil;
	end
	module:log("info", "Refused from %s, which is on a list of spammers", from);
	origin.send(st.error_reply(stanza, "cancel", "policy-violation",
		"Your address or server is on a list of spammers. Please ask your server's admins."));
	return true;
end

for _, name in ipairs { "message/bare", "message/full", "presence/bare" } do
	module:hook(name, check, 600);
end

local function begin()
	lists = store:get(nil) or {};
	for _, service in ipairs(services) do
		is_ours[service] = true;
		for _, node in ipairs(NODES) do
			lists[key_of(service, node)] = lists[key_of(service, node)] or {};
			follow(service, node);
		end
	end
end

-- not before the server can reach others
module:on_ready(begin);
