-- Makes the account first_account = { username, password } once. That it was made is kept with
-- the server's data: a password changed later, or an account deleted later, stays as it is.
local usermanager = require "prosody.core.usermanager";
local nodeprep = require "prosody.util.encodings".stringprep.nodeprep;

local wanted = module:get_option("first_account");
-- the host's own data: a user's would be deleted with the user
local store = module:open_store("first_account", "keyval");

local function make_account()
	local username = nodeprep(wanted.username);
	if not username then
		module:log("error", "LOCAL: '%s' cannot be a user name", wanted.username);
		return;
	end
	local made = store:get(nil) or {};
	if made[username] then
		return;
	end
	if not usermanager.user_exists(username, module.host) then
		local ok, problem = usermanager.create_user_with_role(username, wanted.password, module.host, "prosody:member");
		if not ok then
			module:log("error", "The account %s@%s could not be made: %s", username, module.host, problem);
			return;
		end
	end
	made[username] = os.time();
	store:set(nil, made);
	module:log("info", "The account %s@%s is made", username, module.host);
end

module:hook_object_event(prosody.events, "server-started", make_account);
