-- Tells everybody which servers this host is connected with (XEP-0485), by the node "serverinfo" of a PubSub service:
--   published_info_service = "pubsub.m.example"
--   published_info_period = "15 minutes"
-- A server is named only if it says of itself that it publishes the same; of all others only the number is told. Unlike
-- mod_pubsub_serverinfo it asks nobody but the servers themselves, names none that only claims to be one, and no other
-- host of this machine, and keeps what it tells in memory: switched off, nothing of it is left.
-- To be loaded on a VirtualHost.
local cache = require "prosody.util.cache";
local id = require "prosody.util.id";
local st = require "prosody.util.stanza";
local iterators = require "prosody.util.iterators";

local DISCO = "http://jabber.org/protocol/disco#info";
local INFO = "urn:xmpp:serverinfo:0";
local NODE = "serverinfo";
local ASK_AGAIN_SECONDS = 6 * 3600;

local host = module.host;
local where = assert(module:get_option_string("published_info_service"), "published_info_service is missing");
local period = module:get_option_period("published_info_period", "15 minutes", "2 seconds");

-- What other servers said of themselves: domain = { publishes = true; asked = time }
local known = {};
local memory = cache.new(1);

module:depends "server_info";
module:add_feature(INFO);
module:add_item("server-info-fields", {
	{ name = "serverinfo-pubsub-node"; type = "text-single"; value = ("xmpp:%s?;node=%s"):format(where, NODE) };
});

local function pubsub()
	local component = prosody.hosts[where];
	return component and component.modules.pubsub and component.modules.pubsub.service;
end

-- {domain = true} of all that have proven who they are
local function connected()
	local found = {};
	for domain, session in pairs(prosody.hosts[host].s2sout) do
		found[domain] = session.type == "s2sout" or nil;
	end
	for session in pairs(prosody.incoming_s2s) do
		for domain, proof in pairs(session.to_host == host and session.hosts or {}) do
			found[domain] = found[domain] or proof.authed or nil;
		end
	end
	return found;
end

local function says_so(answer)
	local query = answer.stanza:get_child("query", DISCO);
	for feature in query and query:childtags("feature") or pairs {} do
		if feature.attr.var == INFO then
			return true;
		end
	end
	return false;
end

local function ask(domain)
	local entry = known[domain] or { publishes = false };
	known[domain], entry.asked = entry, os.time();
	local question = st.iq({ type = "get"; from = host; to = domain; id = id.medium() }):tag("query", { xmlns = DISCO });
	module:send_iq(question):next(function (answer)
		entry.publishes = says_so(answer);
	end, function ()
		entry.publishes = false;
	end);
end

-- Names first, so that their order says nothing about those that are not named.
local function item(domains)
	local made = st.stanza("item", { xmlns = "http://jabber.org/protocol/pubsub"; id = "current" })
		:tag("serverinfo", { xmlns = INFO }):tag("domain", { name = host }):tag("federation");
	for domain in iterators.sorted_pairs(domains) do
		if known[domain].publishes then
			made:tag("remote-domain", { name = domain }):up();
		end
	end
	for domain in pairs(domains) do
		if not known[domain].publishes then
			made:tag("remote-domain"):up();
		end
	end
	return made:reset();
end

local function publish(domains)
	local service = pubsub();
	if not service then
		module:log("error", "%s is no PubSub service: nothing is published", where);
		return;
	end
	if not service.nodes[NODE] then
		service:create(NODE, true, { max_items = 1 });
	end
	service.data[NODE] = memory;
	local ok, problem = service:publish(NODE, true, "current", item(domains));
	if not ok then
		module:log("error", "Nothing is published on %s: %s", where, problem);
	end
end

local function renew()
	local domains = connected();
	for domain in pairs(known) do
		known[domain] = domains[domain] and known[domain];
	end
	for domain in pairs(domains) do
		if not known[domain] or os.time() - known[domain].asked >= ASK_AGAIN_SECONDS then
			ask(domain);
		end
	end
	publish(domains);
	return period;
end

-- the PubSub service may come up after this host
module:on_ready(function ()
	module:add_timer(0, renew);
end);
