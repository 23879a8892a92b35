-- Run inside the server through `prosodyctl shell`, as one function: who has an account, who is here, who is invited.
-- It only looks; throw-away accounts of a proof (proof.lua) are nobody. The answer is read by
-- engine/people/everybody.py: lines of JSON, short ones, for the shell's client gives up at an answer of more than
-- 10000 bytes; then the word "end".
local array = require "prosody.util.array"
local json = require "prosody.util.json"
local modules = require "prosody.core.modulemanager"
local storage = require "prosody.core.storagemanager"
local users = require "prosody.core.usermanager"

local LINE_BYTES = 3000
local waiting, bytes = array {}, 0

local function flush(kind)
	if #waiting > 0 then
		print(json.encode({ [kind] = waiting }))
	end
	waiting, bytes = array {}, 0
end

local function tell(kind, entry)
	waiting:push(entry)
	bytes = bytes + #json.encode(entry)
	if bytes > LINE_BYTES then flush(kind) end
end

local function devices(address)
	local bare, count = prosody.bare_sessions[address], 0
	for _ in pairs(bare and bare.sessions or {}) do count = count + 1 end
	return count
end

-- New accounts with a flag that means something, as its module is loaded.
local function flagged(host, flag, module_name)
	local flags = modules.is_loaded(host, module_name) and storage.open(host, "account_flags", "keyval+")
	return flags and flags:get_key_from_all(flag) or {}
end

local function tell_people(host)
	local held = flagged(host, "quarantine", "quarantine")
	local newcomers = flagged(host, "newcomer", "shared_contacts")
	local activity = storage.open(host, "account_activity", "keyval")
	for name in users.users(host) do
		if not name:find("xw-proof-", 1, true) then
			local address = name .. "@" .. host
			local seen = activity:get(name)
			tell("people", {
				address = address, is_enabled = users.user_is_enabled(name, host) ~= false,
				seen_at = seen and seen.timestamp or 0, devices = devices(address), is_held = held[name] ~= nil,
				is_newcomer = newcomers[name] ~= nil,
			})
		end
	end
	flush("people")
end

local function tell_invitations(host)
	local invites = modules.get_module(host, "invites")
	if not invites then return end
	for token, invite in invites.pending_account_invites() do
		tell("invitations", {
			token = token, host = host, expires_at = invite.expires, name = (invite.jid or ""):match("^(.+)@") or "",
		})
	end
	flush("invitations")
end

for host, about in pairs(prosody.hosts) do
	-- guests are nobody with an account
	if about.type == "local" and about.users.name ~= "anonymous" then
		tell_people(host)
		tell_invitations(host)
	end
end
return "end"
