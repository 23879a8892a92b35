-- Run inside the server through `prosodyctl shell`, as one function: new accounts with a flag (mod_flags), on all hosts
-- with the module by which it means something. The answer is read by engine/people/flagged.py: an account a line, as JSON,
-- for the shell's client gives up at an answer of more than 10000 bytes; then the word "end".
local flag, module_name = ...
local datetime = require "prosody.util.datetime"
local json = require "prosody.util.json"
local modules = require "prosody.core.modulemanager"
local storage = require "prosody.core.storagemanager"

for host in pairs(prosody.hosts) do
	if modules.is_loaded(host, module_name) then
		local flags = storage.open(host, "account_flags", "keyval+")
		for name, about in pairs(flags:get_key_from_all(flag) or {}) do
			print(json.encode({
				address = name .. "@" .. host, since = datetime.datetime(about.when), why = about.comment or "",
			}))
		end
	end
end
return "end"
