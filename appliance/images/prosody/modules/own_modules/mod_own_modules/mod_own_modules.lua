-- Says whether all modules that the admin chose are loaded: the host has the feature urn:xmpp-wizard:own-modules
-- (XEP-0030) where they are; the log names the others.
local modulemanager = require "prosody.core.modulemanager";

local function look()
	local is_whole = true;
	for name in module:get_option_set("own_modules", {}) do
		if not modulemanager.is_loaded(module.host, name) and not modulemanager.is_loaded("*", name) then
			module:log("error", "mod_%s is not loaded, see above", name);
			is_whole = false;
		end
	end
	if is_whole then
		module:add_feature("urn:xmpp-wizard:own-modules");
	end
end

module:on_ready(look);
