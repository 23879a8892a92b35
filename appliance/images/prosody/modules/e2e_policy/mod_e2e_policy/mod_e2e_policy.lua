-- Asks for end-to-end encryption, or insists on it, in what people here write and in what other servers bring them:
--   e2e_policy_chat = "required"     -- "none", "optional" (the sender is told once) or "required" (it is refused)
--   e2e_policy_rooms = "optional"
--   e2e_policy_hint = "…"; e2e_policy_refusal = "…"     -- what the sender is told
--   e2e_policy_exempt = { "helpdesk@m.example"; "channels.m.example" }   -- senders, receivers, rooms, whole services
-- To be loaded on every VirtualHost and every Component: rooms here are also written to from other servers.
local jid_bare, jid_host, jid_node = import("prosody.util.jid", "bare", "host", "node");
local jid_prep = require "prosody.util.jid".prep;
local st = require "prosody.util.stanza";

-- before anything is archived (mod_mam: 0) or copied to other devices (mod_carbons: -0.5)
local FIRST = 300;
-- What is readable only for its receiver: OMEMO (XEP-0384, as it was and as it is), OpenPGP (XEP-0374, XEP-0027).
-- An empty one beside readable words is no encryption.
local ENCRYPTED = {
	"{eu.siacs.conversations.axolotl}encrypted/payload#";
	"{urn:xmpp:omemo:2}encrypted/payload#";
	"{urn:xmpp:openpgp:0}openpgp#";
	"{jabber:x:encrypted}x#";
};

local policies = {
	chat = module:get_option_enum("e2e_policy_chat", "none", "optional", "required");
	rooms = module:get_option_enum("e2e_policy_rooms", "none", "optional", "required");
};
local hint = module:get_option_string("e2e_policy_hint", "Please switch on end-to-end encryption (OMEMO).");
local refusal = module:get_option_string("e2e_policy_refusal", hint);
local exempt = module:get_option_set("e2e_policy_exempt", {}) / jid_prep;
local is_component = module:get_host_type() == "component";

local function holds_text(stanza, path)
	local text = stanza:find(path);
	return text ~= nil and text:find("%S") ~= nil;
end

local function is_plain(stanza)
	if not holds_text(stanza, "body#") and not stanza:get_child("html", "http://jabber.org/protocol/xhtml-im") then
		return false;
	end
	for _, path in ipairs(ENCRYPTED) do
		if holds_text(stanza, path) then
			return false;
		end
	end
	return true;
end

local function is_exempt(address)
	return exempt:contains(jid_bare(address)) or exempt:contains(jid_host(address));
end

-- A host of ours is no person: what is written to it are commands.
local function is_own_host(address)
	return jid_node(address) == nil and prosody.hosts[jid_bare(address)] ~= nil;
end

local function judge(stanza, own_address)
	local from, to = stanza.attr.from or own_address, stanza.attr.to or jid_bare(own_address);
	local policy = policies[stanza.attr.type == "groupchat" and "rooms" or "chat"];
	if policy == "none" or stanza.attr.type == "error" or not is_plain(stanza) then
		return "none";
	end
	return (is_exempt(from) or is_exempt(to) or is_own_host(to)) and "none" or policy;
end

local function refuse(event)
	event.origin.send(st.error_reply(event.stanza, "modify", "policy-violation", refusal));
	return true;
end

-- once for each conversation of a connection
local function tell(session, to)
	session.e2e_policy_told = session.e2e_policy_told or {};
	if not session.e2e_policy_told[to] then
		session.e2e_policy_told[to] = true;
		session.send(st.message({ from = module.host, to = session.full_jid, type = "headline" }, hint));
	end
end

local function from_here(event)
	local session, stanza = event.origin, event.stanza;
	local policy = judge(stanza, session.full_jid);
	if policy == "required" then
		return refuse(event);
	elseif policy == "optional" then
		tell(session, jid_bare(stanza.attr.to or session.full_jid));
	end
end

-- What is said in rooms elsewhere may be read: an error would throw our people out of them.
local function from_elsewhere(event)
	local kind = event.origin.type;
	local is_foreign_room = event.stanza.attr.type == "groupchat" and not is_component;
	if (kind == "s2sin" or kind == "s2sout") and not is_foreign_room and judge(event.stanza) == "required" then
		return refuse(event);
	end
end

for _, target in ipairs({ "bare", "full", "host" }) do
	module:hook("pre-message/" .. target, from_here, FIRST);
	module:hook("message/" .. target, from_elsewhere, FIRST);
end
