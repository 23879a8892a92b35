-- Run inside the server through `prosodyctl shell`, as one function: who has an account, who is here, who is invited.
-- It only looks; throw-away accounts of a proof (proof.lua) are nobody.
local array = require "prosody.util.array"
local json = require "prosody.util.json"
local modules = require "prosody.core.modulemanager"
local storage = require "prosody.core.storagemanager"
local users = require "prosody.core.usermanager"

local result = { people = array {}, invitations = array {}, servers = 0 }

local function devices(address)
	local bare, count = prosody.bare_sessions[address], 0
	for _ in pairs(bare and bare.sessions or {}) do count = count + 1 end
	return count
end

for host, about in pairs(prosody.hosts) do
	if about.type == "local" then
		local activity = storage.open(host, "account_activity", "keyval")
		for name in users.users(host) do
			if not name:find("xw-proof-", 1, true) then
				local address = name .. "@" .. host
				local seen = activity:get(name)
				table.insert(result.people, {
					address = address, is_enabled = users.user_is_enabled(name, host) ~= false,
					seen_at = seen and seen.timestamp or 0, devices = devices(address),
				})
			end
		end
		local invites = modules.get_module(host, "invites")
		if invites then
			for token, invite in invites.pending_account_invites() do
				table.insert(result.invitations, {
					token = token, host = host, expires_at = invite.expires,
					name = (invite.jid or ""):match("^(.+)@") or "",
				})
			end
		end
	end
end

local servers = {}
for session in pairs(prosody.incoming_s2s or {}) do
	if session.type == "s2sin" and session.from_host then servers[session.from_host] = true end
end
for _, about in pairs(prosody.hosts) do
	for other, session in pairs(about.s2sout or {}) do
		if session.type == "s2sout" then servers[other] = true end
	end
end
for _ in pairs(servers) do result.servers = result.servers + 1 end
return json.encode(result)
