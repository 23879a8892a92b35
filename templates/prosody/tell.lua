-- Run inside the server through `prosodyctl shell`, as one function of (host, id, text, addresses...):
-- sends the text from the host itself. Who is not here gets it later, as with any message.
local host, id, text = ...
local array = require "prosody.util.array"
local jid = require "prosody.util.jid"
local json = require "prosody.util.json"
local stanza = require "prosody.util.stanza"
local users = require "prosody.core.usermanager"

local result = { reached = array {}, unknown = array {} }

for _, address in ipairs({ select(4, ...) }) do
	local name, domain = jid.split(address)
	local own = prosody.hosts[domain]
	if own and not (name and users.user_exists(name, domain)) then
		table.insert(result.unknown, address)
	else
		local message = stanza.message({ from = host, to = address, type = "chat", id = id }, text)
		prosody.core_post_stanza(prosody.hosts[host], message)
		table.insert(result.reached, address)
	end
end
return json.encode(result)
