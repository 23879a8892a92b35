-- Whoever guesses passwords has to wait: after so many wrong ones from one address none is looked at for a while.
--   login_guard_attempts = 10
--   login_guard_period = "5 minutes"
-- An IPv6 network of one household (/64) counts as one address. Devices that are logged in stay so, and accounts are
-- never locked: else anybody could lock anybody out. What comes from this very machine is not held up.
local new_cache = require "prosody.util.cache".new;
local new_ip = require "prosody.util.ip".new_ip;
local new_throttle = require "prosody.util.throttle".create;
local st = require "prosody.util.stanza";

local attempts = module:get_option_number("login_guard_attempts", 10, 1);
local period = module:get_option_period("login_guard_period", "5 minutes");
-- one for all virtual hosts
local throttles = module:shared("/*/login_guard/throttles");
throttles.cache = throttles.cache or new_cache(5000);

local function network_of(address)
	local ip = new_ip(address or "");
	if ip and ip.proto == "IPv6" then
		return ip.packed:sub(1, 8);
	end
	return address;
end

local function is_this_machine(session)
	local own = session.conn and session.conn.sockname;
	return session.ip == "127.0.0.1" or session.ip == "::1" or session.ip == own;
end

module:hook("authentication-failure", function (event)
	local session = event.session;
	local network = network_of(session and session.ip);
	-- what was right until a moment ago is no guess
	if not network or is_this_machine(session) or event.condition == "credentials-expired" then
		return;
	end
	local throttle = throttles.cache:get(network) or new_throttle(attempts, period);
	throttles.cache:set(network, throttle);
	throttle:poll(1);
	if not throttle:peek(1) then
		module:log("warn", "Too many wrong passwords from %s", session.ip);
	end
end, 10);

local function must_wait(session)
	local network = network_of(session.ip);
	local throttle = network and throttles.cache:get(network);
	return throttle and not throttle:peek(1);
end

local WORDS = "Too many wrong passwords from your network, please try again later";

local function check(event)
	local session, stanza = event.origin, event.stanza;
	if session.type ~= "c2s_unauthed" or not must_wait(session) then
		return nil;
	end
	local failure = st.stanza("failure", { xmlns = stanza.attr.xmlns });
	failure:tag("temporary-auth-failure", { xmlns = "urn:ietf:params:xml:ns:xmpp-sasl" }):up();
	session.send(failure:text_tag("text", WORDS));
	session:close({ condition = "policy-violation", text = WORDS });
	return true;
end

module:hook("stanza/urn:ietf:params:xml:ns:xmpp-sasl:auth", check, 100);
module:hook("stanza/urn:xmpp:sasl:2:authenticate", check, 100);
