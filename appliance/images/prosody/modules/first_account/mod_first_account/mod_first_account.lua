-- Makes the account first_account = { username, password } once. That it was made is kept with
-- the server's data: a password changed later, or an account deleted later, stays as it is.
local usermanager = require "prosody.core.usermanager";
local nodeprep = require "prosody.util.encodings".stringprep.nodeprep;

local wanted = module:get_option("first_account");
local made = module:open_store("first_account", "keyval");

local function make_account()
	local username = nodeprep(wanted.username);
	if not username then
		module:log("error", "LOCAL: '%s' cannot be a user name", wanted.username);
		return;
	end
	if made:get(username) then
		return;
	end
	if not usermanager.user_exists(username, module.host) then
		local ok, problem = usermanager.create_user_with_role(username, wanted.password, module.host, "prosody:member");
		if not ok then
			module:log("error", "The account %s@%s could not be made: %s", username, module.host, problem);
			return;
		end
		module:log("info", "Made the account %s@%s", username, module.host);
	end
	made:set(username, { at = os.time() });
end

module:hook_object_event(prosody.events, "server-started", make_account);
