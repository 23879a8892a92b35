-- Says whether all of the admin's own scripts for mod_firewall are in force, for a script with a mistake is left out
-- without a sign to anybody but the log: the host has the feature urn:xmpp-wizard:own-rules (XEP-0030) where they are.
local modulemanager = require "prosody.core.modulemanager";

local FEATURE = "urn:xmpp-wizard:own-rules";

module:depends "firewall";

local function look()
	local firewall = modulemanager.get_module(module.host, "firewall");
	local loaded = firewall and firewall.module.save().loaded_scripts or {};
	for script in module:get_option_set("firewall_scripts", {}) do
		if not loaded[script] then
			module:log("error", "%s is not in force: it has a mistake, see above", script);
			return;
		end
	end
	module:add_feature(FEATURE);
end

module:on_ready(look);
