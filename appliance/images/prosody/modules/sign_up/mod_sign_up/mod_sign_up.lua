-- What keeps open doors from being a flood gate: rules for accounts that are made without an invitation.
--   sign_up_in_apps = true                   apps may make accounts, too, not only the page
--   sign_up_page = "https://…/join"          told to an app that may not
--   sign_up_hourly = 20                      from all addresses together
-- Each of them gets the flag "newcomer" (mod_flags), for what is not meant for strangers; an admin takes it away.
-- How many one address may make, mod_register_limits says; here an IPv6 network of one household (/64) counts as
-- one address, as whoever has it has 18446744073709551616 of them.
local new_cache = require "prosody.util.cache".new;
local new_ip = require "prosody.util.ip".new_ip;
local new_throttle = require "prosody.util.throttle".create;

local FLAG = "newcomer";
local flags = module:depends "flags";
local in_apps = module:get_option_boolean("sign_up_in_apps", false);
local page = module:get_option_string("sign_up_page", "");
local each_max = module:get_option_number("registration_throttle_max", 5, 1);
local each_period = module:get_option_period("registration_throttle_period", "1 hour");
local all = new_throttle(module:get_option_number("sign_up_hourly", 20, 1), 3600);
local each = new_cache(1000);

-- The network that a household has: the address itself in IPv4, the first 64 bits in IPv6.
local function network_of(address)
	local ip = new_ip(address or "");
	if ip and ip.proto == "IPv6" then
		return ip.packed:sub(1, 8);
	end
	return address or "?";
end

local function is_within(address)
	local network = network_of(address);
	local throttle = each:get(network) or new_throttle(each_max, each_period);
	each:set(network, throttle);
	-- each first: a single address cannot use up what is there for all
	return throttle:poll(1) and all:poll(1);
end

local function refuse(event, code, reason, condition)
	event.allowed = false;
	-- for mod_join_pages, which speaks the visitor's language
	event.reason_code = code;
	event.reason, event.error_type, event.error_condition = reason, condition and "wait" or "cancel", condition;
	return true;
end

local function is_invited(event)
	return event.validated_invite or (event.session and event.session.validated_invite);
end

-- after mod_reserved_names
module:hook("user-registering", function (event)
	if is_invited(event) then
		return nil;
	end
	if event.session and not in_apps then
		return refuse(event, "page", "Accounts are made in the browser: " .. page);
	end
	-- no second alphabet: letters that look alike make strangers look like friends
	if not event.username:match("^[a-z0-9][a-z0-9._-]*$") then
		return refuse(event, "letters", "Only a-z, 0-9 and . _ - can be in a name");
	end
	if not is_within(event.ip or (event.session and event.session.ip)) then
		return refuse(event, "throttled", "Too many new accounts just now, please try again later", "policy-violation");
	end
	return nil;
end, 90);

-- before anything else learns of the account
module:hook("user-registered", function (event)
	if is_invited(event) then
		return;
	end
	local ok, problem = flags.add_flag(event.username, FLAG, "signed up");
	if not ok then
		module:log("error", "%s@%s cannot be marked as new: %s", event.username, module.host, problem);
	end
end, 100);
