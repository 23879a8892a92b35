-- Run inside the server through `prosodyctl shell`, as one function of (action, host, names...).
-- The passwords are made here and go out on the standard output alone: never into an argument, a file or a log.
local action, host = ...
local names = { select(3, ...) }
local encode_hex = require "prosody.util.hex".encode
local json = require "prosody.util.json"
local modules = require "prosody.core.modulemanager"
local random = require "prosody.util.random"
local storage = require "prosody.core.storagemanager"
local users = require "prosody.core.usermanager"

local PREFIX = "xw-proof-"
local result = { problems = {}, others = {} }

local function note(ok, problem)
	if not ok then table.insert(result.problems, tostring(problem)) end
end

local function create(pid)
	local name = PREFIX .. pid .. "-" .. encode_hex(random.bytes(6))
	local password = encode_hex(random.bytes(24))
	note(users.create_user_with_role(name, password, host, "prosody:member"))
	return { name = name, password = password }
end

-- without a tombstone (mod_tombstones): nobody ever knew the name
local function delete(name)
	if users.user_exists(name, host) then note(users.delete_user(name, host)) end
	storage.open(host, "tombstones", "map"):set(nil, name, nil)
end

local invites = modules.get_module(host, "invites")
if action == "open" then
	-- accounts of other proofs: whether they are still at work, only their host knows
	for name in users.users(host) do
		local pid = name:match("^xw%-proof%-(%d+)%-")
		if pid then table.insert(result.others, { name = name, pid = tonumber(pid) }) end
	end
	result.accounts = { create(names[1]), create(names[1]) }
	if invites and modules.get_module(host, "join_pages") then
		local invite, problem = invites.create_account(nil, nil, 300)
		note(invite, "an invitation cannot be saved: " .. tostring(problem))
		if invite then result.invitation = { url = invite.landing_page, token = invite.token } end
	end
elseif action == "erase" then
	-- accounts that are kept elsewhere, and nobody's: only what they have here goes
	for _, name in ipairs(names) do
		if name:find(PREFIX, 1, true) == 1 then
			note(storage.purge(name, host))
			storage.open(host, "tombstones", "map"):set(nil, name, nil)
		end
	end
else
	for _, name in ipairs(names) do
		if name:find(PREFIX, 1, true) == 1 then
			delete(name)
			-- made only where strangers can register, which the proof tries to
			delete(name .. "-intruder")
		elseif invites then
			note(invites.delete_account_invite(name))
		end
	end
end
return json.encode(result)
