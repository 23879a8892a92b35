-- Making an account out of what somebody has typed into the form.
local nodeprep = require "prosody.util.encodings".stringprep.nodeprep;
local users = require "prosody.core.usermanager";

local policy = module:depends "password_policy";

-- Why a name and a password cannot be an account, or nil; in the words of the page.
local function fault_in(typed, name, text)
	if not name or name == "" then
		return text.name_wrong;
	elseif users.user_exists(name, module.host) then
		return text.name_taken;
	end
	local ok, reason, code = policy.check_password(typed.password, { username = name });
	return not ok and (text["password_" .. code] or reason) or nil;
end

-- Returns the name of the new account, or nil and why there is none; `spoken` gives the page's texts for some values.
local function make(request, typed, invite, spoken)
	local values = { least = policy.get_policy().length };
	local text = spoken(values);
	local name = nodeprep(typed.user or "", true);
	local fault = fault_in(typed, name, text);
	if fault then
		return nil, fault;
	end
	local wish = { username = name, host = module.host, ip = request.ip, allowed = true, validated_invite = invite };
	module:fire_event("user-registering", wish);
	if not wish.allowed then
		values.owner = wish.reason_name;
		local code = wish.reason_code or (wish.error_condition == "policy-violation" and "throttled");
		return nil, code and text["refused_" .. code] or wish.reason or text.refused;
	end
	local ok, problem = users.create_user_with_role(name, typed.password, module.host, "prosody:registered");
	if not ok then
		module:log("error", "The account %s could not be made: %s", name, problem);
		return nil, text.failed;
	end
	module:log("info", "%s@%s was made in the browser", name, module.host);
	module:fire_event("user-registered", {
		username = name, host = module.host, source = "mod_join_pages", ip = request.ip, validated_invite = invite;
	});
	return name;
end

return { make = make };
